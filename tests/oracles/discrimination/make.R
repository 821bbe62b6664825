# What R makes of the same people: areas under ROC curves with DeLong's intervals and paired test,
# the clustered error of Obuchowski (1997) written out pair by pair, weighted concordance, scores,
# and means with clustered errors.   Rscript make.R OUT
out <- commandArgs(trailingOnly = TRUE)[1]
suppressPackageStartupMessages({
  library(pROC)
  library(Hmisc)
  library(sandwich)
})
people <- read.csv("people.csv")
y <- people$outcome
w <- people$weight
person <- people$person

curve <- function(p) roc(y, p, direction = "<", quiet = TRUE)
one <- curve(people$first)
two <- curve(people$second)
test <- roc.test(one, two, paired = TRUE, method = "delong")

# Of each event the share of others below it, of each other the share of events above it.
wins <- function(p) {
  d <- outer(p[y == 1], p[y == 0], "-")
  (d > 0) + (d == 0) / 2
}
obuchowski <- function(psi) {
  area <- mean(psi)
  events <- rowMeans(psi) - area
  others <- colMeans(psi) - area
  who <- sort(unique(person))
  m <- sum(y == 1)
  n <- sum(y == 0)
  of_events <- sapply(who, function(i) sum(events[person[y == 1] == i]))
  of_others <- sapply(who, function(i) sum(others[person[y == 0] == i]))
  i10 <- length(unique(person[y == 1]))
  i01 <- length(unique(person[y == 0]))
  i <- length(who)
  s10 <- i10 / ((i10 - 1) * m) * sum(of_events^2)
  s01 <- i01 / ((i01 - 1) * n) * sum(of_others^2)
  s11 <- i / (i - 1) * sum(of_events * of_others)
  sqrt(s10 / m + s01 / n + 2 * s11 / (m * n))
}

mean_of <- function(x) {
  plain <- lm(x ~ 1)
  weighted <- lm(x ~ 1, weights = w)
  clustered <- function(fit) sqrt(vcovCL(fit, cluster = person, type = "HC0", cadjust = TRUE)[1, 1])
  list(
    mean = unname(coef(plain)),
    error = unname(sqrt(vcov(plain)[1, 1])),
    clustered_error = clustered(plain),
    weighted_mean = unname(coef(weighted)),
    weighted_clustered_error = clustered(weighted)
  )
}
losses <- function(p) {
  list(brier = mean_of((p - y)^2), log_loss = mean_of(-ifelse(y == 1, log(p), log1p(-p))))
}
gain <- function(p, at) (p >= at) * ifelse(y == 1, 1, -at / (1 - at))
of_model <- function(p, r) {
  ci <- as.numeric(ci.auc(r, method = "delong"))
  c(list(
    auc = ci[2],
    low = ci[1],
    high = ci[3],
    variance = var(r, method = "delong"),
    weighted_auc = unname(somers2(p, y, weights = w)["C"]),
    clustered_error = obuchowski(wins(p)),
    sensitivities = rev(r$sensitivities),
    specificities = rev(r$specificities)
  ), losses(p))
}

expected <- list(
  first = of_model(people$first, one),
  second = of_model(people$second, two),
  auc_difference = list(
    estimate = as.numeric(two$auc) - as.numeric(one$auc),
    z = -unname(test$statistic),
    p_value = test$p.value,
    low = -test$conf.int[2],
    high = -test$conf.int[1],
    clustered_error = obuchowski(wins(people$second) - wins(people$first))
  ),
  brier_difference = mean_of((people$second - y)^2 - (people$first - y)^2),
  net_benefit_difference = mean_of(gain(people$second, 0.3) - gain(people$first, 0.3))
)
jsonlite::write_json(expected, file.path(out, "expected.json"), digits = NA, auto_unbox = TRUE)
