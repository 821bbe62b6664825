# Rubin's rules as Hmisc::fit.mult.impute applies them to logistic fits on imputed data, with the
# imputed values; and exact binomial intervals.
#
#   Rscript make.R OUT

suppressPackageStartupMessages({
  library(Hmisc)
  library(jsonlite)
})

out <- commandArgs(trailingOnly = TRUE)[1]
people <- read.csv("people.csv")
m <- 5

set.seed(1)
imputed <- aregImpute(~ y + a + b + c, data = people, n.impute = m, nk = 0, pr = FALSE)
strictly <- function(formula, data, ...) {
  glm(formula, data = data, family = binomial, control = glm.control(epsilon = 1e-14, maxit = 100))
}
pooled <- suppressWarnings(fit.mult.impute(y ~ a + b + c, strictly, imputed, data = people, pr = FALSE))

cases <- data.frame(events = c(0, 3, 17, 50), n = c(12, 40, 60, 50))
exact <- t(mapply(function(k, n) binom.test(k, n, conf.level = 0.9)$conf.int, cases$events, cases$n))

answers <- list(
  imputed = list(a = imputed$imputed$a, b = imputed$imputed$b),
  coefficients = unname(coef(pooled)),
  covariance = unname(pooled$var),
  binomial = list(events = cases$events, n = cases$n, lower = exact[, 1], upper = exact[, 2])
)
write_json(answers, file.path(out, "expected.json"), digits = NA, auto_unbox = TRUE)
