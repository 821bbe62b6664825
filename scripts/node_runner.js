// Runs the OGRS3 and RSR calculators of a checkout on inputs from standard input.
//
//     node scripts/node_runner.js PATH_OF_CHECKOUT < inputs.jsonl > answers.jsonl
//
// One JSON object per line in, one out. Days are `YYYY-MM-DD` and become local midnight, as the
// calculator expects them.

const path = require('path');
const readline = require('readline');

const calculator = require(path.resolve(process.argv[2], 'lib'));
const DAYS = [
  'birthDate', 'convictionDate', 'sentenceDate', 'firstSanctionDate', 'assessmentDate',
  'mostRecentSexualOffence',
];

const day = text => {
  const [year, month, date] = text.split('-').map(Number);
  return new Date(year, month - 1, date);
};

const withDays = input =>
  DAYS.reduce((known, name) => (known[name] ? { ...known, [name]: day(known[name]) } : known), input);

const answer = input => {
  const ogrs3 = calculator.calculateOGRS3(withDays({ ...input, gender: input.sex })).OGRS3.result;
  const risk = calculator.calculateRisk(withDays(input));
  return {
    ogrs3,
    errors: risk.errors ? Object.keys(risk.errors) : [],
    serious_violence: risk.probabilityOfNonSexualViolence || null,
    contact: risk.offenderSexualProbability || null,
    images: risk.indecentImageProbability || null,
    rsr: risk.riskOfSeriousRecidivism || null,
  };
};

readline
  .createInterface({ input: process.stdin })
  .on('line', line => console.log(JSON.stringify(answer(JSON.parse(line)))));
