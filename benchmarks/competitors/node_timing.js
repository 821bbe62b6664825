// The rsr-calculator of a checkout on inputs from standard input, timed inside the process.
//
//     node node_timing.js CHECKOUT ogrs3|rsr
//
// The first line is a list of inputs as JSON; days are `YYYY-MM-DD` and become local midnight. Each
// further line is a number of times to go through them all; the answer to it is the seconds that one
// time took, on the clock and of the processor. `answers` is answered with the probabilities.

const path = require('path');
const readline = require('readline');

const calculator = require(path.resolve(process.argv[2], 'lib'));
const WARM = 30000; // calls after which the compiler of the engine has done its work

const calculate = {
  ogrs3: input => calculator.calculateOGRS3(input).OGRS3.result,
  rsr: input => calculator.calculateRisk(input).riskOfSeriousRecidivism,
}[process.argv[3]];

const day = text => {
  const [year, month, date] = text.split('-').map(Number);
  return new Date(year, month - 1, date);
};
const asDay = value => (/^\d{4}-\d\d-\d\d$/.test(value) ? day(value) : value);
const withDays = input =>
  Object.fromEntries(Object.entries(input).map(([name, value]) => [name, asDay(value)]));

let inputs = null;
let last = [];

const goThrough = times => {
  const cpu = process.cpuUsage();
  const clock = process.hrtime.bigint();
  for (let i = 0; i < times; i += 1) last = inputs.map(calculate);
  const wall = Number(process.hrtime.bigint() - clock) / 1e9;
  const { user, system } = process.cpuUsage(cpu);
  return { wall: wall / times, cpu: (user + system) / 1e6 / times };
};

readline.createInterface({ input: process.stdin }).on('line', line => {
  if (inputs === null) {
    inputs = JSON.parse(line).map(withDays);
    goThrough(Math.ceil(WARM / inputs.length));
  } else if (line === 'answers') {
    console.log(JSON.stringify(last));
  } else {
    console.log(JSON.stringify(goThrough(Number(line))));
  }
});
