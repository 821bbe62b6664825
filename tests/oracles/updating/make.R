# Likelihood ratios of the updating ladder, its intercepts and slopes, and the paired AUC test.
# Rscript make.R OUT   (in this folder; reads people.csv)
suppressMessages(library(pROC))
library(jsonlite)

people <- read.csv("people.csv")
# The old model: straight lines between knots at -2 and 2, constant beyond them.
clipped <- function(x) pmin(pmax(x, -2), 2)
terms <- cbind(age = 0.4 * clipped(people$age), priors = 0.3 * clipped(people$priors),
               debt = 0.5 * clipped(people$debt))
z <- 0.2 + 1.1 * (-1 + rowSums(terms))

strict <- glm.control(epsilon = 1e-14, maxit = 100)
ladder <- function(weights) {
  y <- people$y
  likelihood <- function(lp) sum(weights * ifelse(y == 1, plogis(lp, log.p = TRUE),
                                                  plogis(-lp, log.p = TRUE)))
  large <- glm(y ~ 1, offset = z, family = binomial, weights = weights, control = strict)
  logistic <- glm(y ~ z, family = binomial, weights = weights, control = strict)
  revision <- glm(y ~ terms, family = binomial, weights = weights, control = strict)
  fits <- list(large = large, logistic = logistic, revision = revision)
  ll <- c(none = likelihood(z), sapply(fits, function(fit) likelihood(predict(fit))))
  statistic <- 2 * (ll["revision"] - ll[c("none", "large", "logistic")])
  list(log_likelihood = as.list(ll), statistic = unname(statistic),
       p_value = pchisq(unname(statistic), c(4, 3, 2), lower.tail = FALSE),
       intercept = unname(coef(large)), intercept_variance = vcov(large)[1, 1],
       logistic = unname(coef(logistic)), logistic_covariance = unname(vcov(logistic)))
}

# A cloglog model recalibrated on its own scale.
cloglog <- glm(people$y ~ z, family = binomial(link = "cloglog"), control = strict)

other <- 0.9 * people$age - 0.2 * people$priors + 0.6 * people$debt
first <- roc(people$y, z, quiet = TRUE, direction = "<")
second <- roc(people$y, other, quiet = TRUE, direction = "<")
test <- roc.test(second, first, paired = TRUE, method = "delong")
difference <- as.numeric(auc(second)) - as.numeric(auc(first))

expected <- list(
  plain = ladder(rep(1, nrow(people))), weighted = ladder(people$w),
  cloglog = unname(coef(cloglog)),
  auc = list(difference = difference,
             error = unname(sqrt(var(second) + var(first) - 2 * cov(second, first))),
             statistic = unname(test$statistic)))
out <- commandArgs(trailingOnly = TRUE)[1]
write(toJSON(expected, digits = NA, auto_unbox = TRUE, pretty = TRUE), file.path(out, "expected.json"))
