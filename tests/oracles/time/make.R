# Survival estimates of R, as `Rscript make.R OUT` writes them to OUT/expected.json.
# people.csv: 240 made-up people; `time` has no ties, `week` many. asked.csv: people to predict.
suppressPackageStartupMessages({
  library(survival)
  library(cmprsk)
  library(riskRegression)
  library(jsonlite)
})
out <- commandArgs(trailingOnly = TRUE)[1]
people <- read.csv("people.csv")
asked <- read.csv("asked.csv")
horizons <- c(90, 365, 600)
weeks <- c(3, 13, 21)
exact <- coxph.control(eps = 1e-14, iter.max = 100, toler.chol = 1e-15)

`%||%` <- function(a, b) if (is.null(a)) b else a

cox <- function(ties, formula = Surv(week, cause == 1) ~ age + prior + woman, weights = NULL) {
  data <- people
  data$.w <- if (is.null(weights)) rep(1, nrow(data)) else weights
  fit <- coxph(formula, data, weights = .w, ties = ties, control = exact, x = TRUE)
  curve <- survfit(fit, newdata = asked, se.fit = FALSE, ctype = if (ties == "efron") 2 else 1, stype = 2)
  list(
    coefficients = unname(coef(fit)), variance = unname(fit$naive.var %||% fit$var),
    loglik = fit$loglik[2],
    survival = unname(t(summary(curve, times = weeks)$surv))
  )
}

log_hazard <- function() {
  # standard error of log(-log S) of three people, for the interval of a lowered program
  fit <- coxph(Surv(time, cause == 1) ~ age + prior + woman, people, ties = "breslow", control = exact)
  curve <- survfit(fit, newdata = asked, ctype = 1, stype = 2)
  at <- summary(curve, times = horizons)
  list(hazard = unname(t(at$cumhaz)), error = unname(t(at$std.err / at$surv)))
}

km <- survfit(Surv(week, cause == 1) ~ 1, people, conf.type = "log-log")
weighted <- survfit(Surv(week, cause == 1) ~ 1, people, weights = weight)
aj <- survfit(Surv(week, factor(cause)) ~ 1, people)
states <- summary(aj, times = weeks)
gray <- timepoints(cuminc(people$week, people$cause), times = weeks)

features <- as.matrix(people[, c("age", "prior", "woman")])
fine_gray <- function(time, horizons) {
  fit <- crr(time, people$cause, features, failcode = 1, cencode = 0, gtol = 1e-14, maxiter = 100)
  curve <- predict(fit, as.matrix(asked))
  risk <- sapply(horizons, function(h) curve[max(which(curve[, 1] <= h)), -1])
  list(
    coefficients = unname(fit$coef), loglik = fit$loglik, risk = unname(risk),
    sandwich = unname(fit$var), information = unname(fit$invinf)
  )
}

csc <- function(time, horizons, product_limit) {
  data <- people[, c("age", "prior", "woman", "cause")]  # CSC does not bear a column `time`
  data$when <- people[[time]]
  fit <- CSC(Hist(when, cause) ~ age + prior + woman, data, ties = "breslow", control = exact)
  first <- predict(fit, asked, times = horizons, cause = 1, product.limit = product_limit)
  second <- predict(fit, asked, times = horizons, cause = 2, product.limit = product_limit)
  list(first = first$absRisk, second = second$absRisk)
}

rank <- concordance(Surv(week, cause == 1) ~ age, people, reverse = TRUE)
rank_weighted <- concordance(Surv(week, cause == 1) ~ age, people, weights = weight, reverse = TRUE)

at <- function(fit, what) summary(fit, times = weeks)[[what]]
expected <- list(
  horizons = horizons, weeks = weeks,
  cox = list(
    breslow = cox("breslow"), efron = cox("efron"),
    weighted = cox("breslow", weights = people$weight),
    weighted_efron = cox("efron", weights = people$weight)
  ),
  log_hazard = log_hazard(),
  kaplan_meier = list(
    survival = at(km, "surv"), error = at(km, "std.err"),
    lower = at(km, "lower"), upper = at(km, "upper"), weighted = at(weighted, "surv")
  ),
  aalen_johansen = list(
    incidence = unname(states$pstate[, 2:3]), error = unname(states$std.err[, 2:3]),
    survival = states$pstate[, 1], gray = unname(gray$est)
  ),
  fine_gray = list(untied = fine_gray(people$time, horizons), tied = fine_gray(people$week, weeks)),
  csc = list(
    product_limit = csc("time", horizons, TRUE), tied = csc("week", weeks, TRUE)
  ),
  concordance = list(plain = rank$concordance, weighted = rank_weighted$concordance)
)
write_json(expected, file.path(out, "expected.json"), digits = NA, auto_unbox = TRUE, pretty = TRUE)
