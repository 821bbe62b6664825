# What R makes of the same data: reclassification, and clustered errors of net benefit, its share
# of the prevalence and expected cost.   Rscript make.R OUT
out <- commandArgs(trailingOnly = TRUE)[1]
suppressPackageStartupMessages({
  library(Hmisc)
  library(sandwich)
})
people <- read.csv("people.csv")
y <- people$outcome
n <- nrow(people)

worth <- function(p, at) (p >= at) * (y - (1 - y) * at / (1 - at))
clustered <- function(model) sqrt(vcovCL(model, cluster = people$cluster, type = "HC0")[1, 1])
net_benefit <- lapply(c(0.1, 0.2, 0.35), function(at) {
  z <- worth(people$second, at)
  weighted <- lm(z ~ 1, weights = people$weight)
  list(
    cut_off = at, value = mean(z), error = sd(z) / sqrt(n),
    clustered = clustered(lm(z ~ 1)),
    weighted = unname(coef(weighted)), weighted_clustered = clustered(weighted),
    standardised = mean(z) / mean(y), 
    standardised_error = sd(z - mean(z) / mean(y) * y) / sqrt(n) / mean(y),
    change = mean(z - worth(people$first, at)),
    change_error = sd(z - worth(people$first, at)) / sqrt(n)
  )
})

apart <- function(first, second) {
  found <- unclass(improveProb(first, second, y))
  found[c(
    "nri", "se.nri", "nri.ev", "se.nri.ev", "nri.ne", "se.nri.ne", "idi", "se.idi",
    "improveSens", "improveSpec"
  )]
}
edges <- c(0.2, 0.4)
band <- function(p) findInterval(p, edges)
by_band <- apart(band(people$first) / 2, band(people$second) / 2)
moves <- function(k) unname(unclass(table(
  factor(band(people$first)[y == k], 0:2), factor(band(people$second)[y == k], 0:2)
)))

cost <- 5 * y * (people$second < 0.2) + 1 * (1 - y) * (people$second >= 0.2)
in_band <- band(people$second) == 1
wilson <- function(x, n) as.vector(prop.test(x, n, correct = FALSE)$conf.int)

expected <- list(
  net_benefit = net_benefit,
  any = apart(people$first, people$second),
  by_band = by_band[c("nri", "se.nri", "nri.ev", "se.nri.ev", "nri.ne", "se.nri.ne")],
  moves_events = matrix(moves(1), 3), moves_others = matrix(moves(0), 3),
  cost = mean(cost), cost_error = sd(cost) / sqrt(n),
  people = wilson(sum(in_band), n), events = wilson(sum(in_band & y == 1), n),
  rate = wilson(sum(in_band & y == 1), sum(in_band)),
  of_events = wilson(sum(in_band & y == 1), sum(y))
)
jsonlite::write_json(expected, file.path(out, "expected.json"), digits = NA, auto_unbox = TRUE)
