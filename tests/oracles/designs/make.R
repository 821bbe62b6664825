# What R makes of the same data: optimism in given resamples, validate() of rms with many of its
# own, and meta-analyses.   Rscript make.R OUT
out <- commandArgs(trailingOnly = TRUE)[1]
suppressPackageStartupMessages({
  library(rms)
  library(metafor)
})
people <- read.csv("people.csv")
drawn <- as.matrix(read.csv("resamples.csv", header = FALSE))
fitted_on <- function(rows) {
  lrm(outcome ~ a + b + c + d + e, data = people[rows, ], tol = 1e-14, eps = 1e-12, maxit = 100, x = TRUE, y = TRUE)
}
exact <- glm.control(epsilon = 1e-14, maxit = 100)
figures <- function(fit, rows) {
  lp <- predict(fit, people[rows, ])
  y <- people$outcome[rows]
  c(
    auc = unname(somers2(lp, y)["C"]), brier = mean((plogis(lp) - y)^2),
    calibration_slope = unname(coef(glm(y ~ lp, family = binomial, control = exact))[2]),
    calibration_intercept = unname(coef(glm(y ~ offset(lp), family = binomial, control = exact))[1]),
    expected_observed = sum(plogis(lp)) / sum(y)
  )
}
everyone <- seq_len(nrow(people))
apparent <- figures(fitted_on(everyone), everyone)
parts <- lapply(seq_len(nrow(drawn)), function(b) {
  rows <- drawn[b, ]
  fit <- fitted_on(rows)
  list(figures(fit, rows), figures(fit, everyone), figures(fit, setdiff(everyone, rows)))
})
kind <- function(i) sapply(parts, `[[`, i)
seen <- rowMeans(kind(1))
original <- rowMeans(kind(2))
unseen <- rowMeans(kind(3))

set.seed(1)
options(digits = 10)
many <- validate(fitted_on(everyone), B = 1000)
set.seed(2)
half <- validate(fitted_on(everyone), B = 1000, method = ".632")
row_of <- function(v) list(
  dxy = unname(v["Dxy", "index.corrected"]), slope = unname(v["Slope", "index.corrected"]),
  brier = unname(v["B", "index.corrected"])
)

studies <- list(
  spread = list(
    y = c(0.72, 0.31, 1.15, 0.88, 0.05, 0.64, 0.93, 0.41),
    s = c(0.21, 0.15, 0.32, 0.18, 0.25, 0.11, 0.28, 0.19)
  ),
  alike = list(y = c(0.5, 0.52, 0.49, 0.55), s = c(0.2, 0.1, 0.3, 0.25)),
  two = list(y = c(0.1, 0.9), s = c(0.2, 0.3))
)
one_way <- function(d, m, test) {
  fit <- rma(d$y, sei = d$s, method = m, test = test, control = list(
    threshold = 1e-13, tol = 1e-13, maxiter = 10000, tau2.max = 100
  ))
  k <- length(d$y)
  far <- if (k > 2) qt(0.975, k - 2) * sqrt(fit$tau2 + fit$se^2) else NA
  list(
    mean = as.vector(fit$beta), low = fit$ci.lb, high = fit$ci.ub, tau = sqrt(fit$tau2),
    q = fit$QE, i_squared = fit$I2 / 100,
    next_low = as.vector(fit$beta) - far, next_high = as.vector(fit$beta) + far
  )
}
pooled <- lapply(studies, function(d) {
  tests <- lapply(c(plain = "knha", held = "adhoc"), function(test) {
    lapply(c(reml = "REML", paule_mandel = "PM"), function(m) one_way(d, m, test))
  })
  c(d, tests)
})

expected <- list(
  apparent = as.list(apparent), seen = as.list(seen), original = as.list(original),
  unseen = as.list(unseen), validate = row_of(many), validate_632 = row_of(half), pooled = pooled
)
jsonlite::write_json(expected, file.path(out, "expected.json"), digits = NA, auto_unbox = TRUE)
