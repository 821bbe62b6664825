# Elastic net of glmnet, unstandardised, with weights: usage Rscript make.R OUT
library(glmnet)
library(jsonlite)

people <- read.csv("people.csv")
x <- as.matrix(people[, paste0("x", 1:8)])

one <- function(alpha, lambda, weight, lower = -Inf) {
  # glmnet follows a path; the penalty asked for is its last point.
  path <- lambda * 10^seq(2, 0, length.out = 41)
  fit <- glmnet(x, people$y, family = "binomial", weights = weight, alpha = alpha, lambda = path,
                standardize = FALSE, thresh = 1e-18, maxit = 1e7, lower.limits = lower)
  list(alpha = alpha, lambda = lambda, weighted = !all(weight == 1), non_negative = lower == 0,
       coefficients = as.numeric(coef(fit, s = lambda)))
}

fits <- list()
for (weighted in c(FALSE, TRUE)) for (alpha in c(0, 0.3, 1)) for (lambda in c(0.002, 0.02, 0.1)) {
  weight <- if (weighted) people$weight else rep(1, nrow(people))
  fits[[length(fits) + 1]] <- one(alpha, lambda, weight)
}
for (alpha in c(0.3, 1)) fits[[length(fits) + 1]] <- one(alpha, 0.01, people$weight, lower = 0)

out <- commandArgs(trailingOnly = TRUE)[1]
write_json(list(glmnet = as.character(packageVersion("glmnet")), fits = fits),
           file.path(out, "expected.json"), digits = NA, auto_unbox = TRUE)
