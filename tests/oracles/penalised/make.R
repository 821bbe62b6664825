# Logistic regression without penalty (glm) and with a quadratic one (rms::lrm): Rscript make.R OUT
suppressMessages(library(rms))
library(jsonlite)

people <- read.csv("people.csv")
formula <- y ~ x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8

plain <- function(weight) {
  people$given <- weight  # glm looks for its weights in the data
  fit <- suppressWarnings(glm(formula, binomial, people, weights = given,
                              control = glm.control(epsilon = 1e-15, maxit = 100)))
  list(coefficients = unname(coef(fit)), covariance = unname(vcov(fit)), deviance = deviance(fit))
}

# A ridge, and the roughness of eight neighbouring coefficients.
ridge <- diag(8)
bend <- crossprod(diff(diag(8)))

penalised <- function(matrix, penalty) {
  fit <- lrm(formula, people, penalty = penalty, penalty.matrix = matrix, maxit = 200, eps = 1e-12,
             tol = 1e-16)
  # var is the inverse of the penalised information: that of the posterior, not a sandwich.
  list(penalty = penalty, coefficients = unname(coef(fit)), covariance = unname(vcov(fit)))
}

out <- commandArgs(trailingOnly = TRUE)[1]
write_json(list(
  versions = list(R = as.character(getRversion()), rms = as.character(packageVersion("rms"))),
  glm = plain(rep(1, nrow(people))),
  glm_weighted = plain(people$weight),
  ridge = lapply(c(0.5, 5, 50), function(p) penalised(ridge, p)),
  ridge_and_bend = lapply(c(0.5, 5, 50), function(p) penalised(ridge + 4 * bend, p))
), file.path(out, "expected.json"), digits = NA, auto_unbox = TRUE)
