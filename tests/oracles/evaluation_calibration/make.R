# Calibration of made-up probabilities as R sees it.   Rscript make.R OUT  writes OUT/expected.json
# people.csv: probability and outcome of 400 made-up people; `coarse` is the probability rounded to
# steps of 0.05, `weight` a whole number, `cluster` one of 60 units.
suppressPackageStartupMessages({
  library(rms)
  library(sandwich)
  library(jsonlite)
})
out <- commandArgs(trailingOnly = TRUE)[1]
people <- read.csv("people.csv")
y <- people$outcome
w <- people$weight
exact <- glm.control(epsilon = 1e-15, maxit = 100)
often <- rep(seq_along(y), w)
some <- seq(1, length(y), by = 8) # rows of which a whole curve is stored

# -- mean and weak ------------------------------------------------------------------------------
fit_of <- function(formula, weighted) {
  people$.w <- if (weighted) w else rep(1, nrow(people))
  environment(formula) <- environment()
  suppressWarnings(glm(formula, family = binomial, weights = .w, data = people, control = exact))
}
robust <- function(fit, cluster) {
  unname(sqrt(diag(vcovCL(fit, cluster = cluster, type = "HC0", cadjust = TRUE))))
}
weak <- function(p) {
  people$lp <<- qlogis(p)
  rows <- seq_along(y)
  plain <- fit_of(outcome ~ lp, FALSE)
  large <- fit_of(outcome ~ 1 + offset(lp), FALSE)
  heavy <- fit_of(outcome ~ lp, TRUE)
  heavy_large <- fit_of(outcome ~ 1 + offset(lp), TRUE)
  list(
    line = unname(coef(plain)), line_error = unname(sqrt(diag(vcov(plain)))),
    large = unname(coef(large)), large_error = unname(sqrt(diag(vcov(large)))),
    clustered_line_error = robust(plain, people$cluster),
    clustered_large_error = robust(large, people$cluster),
    weighted_line = unname(coef(heavy)), weighted_line_error = robust(heavy, rows),
    weighted_large = unname(coef(heavy_large)), weighted_large_error = robust(heavy_large, rows),
    weighted_clustered_line_error = robust(heavy, people$cluster)
  )
}
# Expected over observed as the ratio of two totals, linearised.
ratio_error <- function(p, weight, unit) {
  pull <- weight * (p / sum(weight * p) - y / sum(weight * y))
  sums <- tapply(pull, unit, sum)
  sqrt(length(sums) / (length(sums) - 1) * sum(sums^2))
}
p <- people$probability
one <- rep(1, length(y))
ratio <- list(
  value = sum(p) / sum(y), error = ratio_error(p, one, seq_along(y)),
  clustered_error = ratio_error(p, one, people$cluster),
  weighted_value = sum(w * p) / sum(w * y),
  weighted_error = ratio_error(p, w, seq_along(y))
)

# -- rms::val.prob ---------------------------------------------------------------------------------
published <- val.prob(p, y, pl = FALSE)
names(published) <- gsub("[^A-Za-z0-9]+", "_", names(published))

# -- moderate: restricted cubic spline and loess -----------------------------------------------------
indices <- function(p, observed) {
  e <- abs(p - observed)
  c(mean(e), unname(quantile(e, c(0.5, 0.9))), max(e))
}
quantiles <- list(
  "3" = c(0.10, 0.50, 0.90), "4" = c(0.05, 0.35, 0.65, 0.95),
  "5" = c(0.05, 0.275, 0.50, 0.725, 0.95)
)
splines <- lapply(quantiles, function(at) {
  lp <- qlogis(p)
  knots <- unname(quantile(lp, at))
  fit <- lrm(y ~ rcs(lp, knots), x = TRUE, y = TRUE, tol = 1e-14, eps = 1e-12, maxit = 200)
  found <- predict(fit, data.frame(lp = lp), se.fit = TRUE)
  basis <- rcspline.eval(lp, knots = knots, inclx = TRUE)
  general <- glm(y ~ basis, family = binomial, control = exact)
  covariance <- vcovCL(general, cluster = people$cluster, type = "HC0", cadjust = TRUE)
  design <- cbind(1, basis)
  list(
    knots = knots, observed = unname(plogis(predict(general)))[some],
    rms_observed = unname(plogis(found$linear.predictors))[some],
    error = unname(sqrt(rowSums((design %*% vcov(general)) * design)))[some],
    clustered_error = unname(sqrt(rowSums((design %*% covariance) * design)))[some],
    indices = indices(p, unname(fitted(general)))
  )
})
weighted_spline <- local({
  lp <- qlogis(p[often])
  knots <- unname(quantile(lp, quantiles[["4"]]))
  basis <- rcspline.eval(lp, knots = knots, inclx = TRUE)
  fit <- glm(y[often] ~ basis, family = binomial, control = exact)
  indices(p[often], unname(fitted(fit)))
})
local_curve <- function(rows, span, x = p) {
  data <- data.frame(x = x[rows], y = y[rows])
  fit <- loess(y ~ x, data, span = span, degree = 2, control = loess.control(surface = "direct"))
  predict(fit, data.frame(x = x))
}
clipped <- function(v) pmin(pmax(v, 0), 1)
all_rows <- seq_along(y)
loess_of <- list(
  default = local_curve(all_rows, 0.75)[some], narrow = local_curve(all_rows, 0.4)[some],
  weighted = local_curve(often, 0.75)[some],
  indices = indices(p, clipped(local_curve(all_rows, 0.75))),
  interpolated_indices = indices(p, clipped(fitted(loess(y ~ p, span = 0.75, degree = 2))))
)

# -- groups ----------------------------------------------------------------------------------------
tenth <- cut(p, c(-Inf, quantile(p, 1:9 / 10), Inf), labels = FALSE)
groups <- list(
  n = as.vector(table(tenth)), events = as.vector(tapply(y, tenth, sum)),
  mean_probability = as.vector(tapply(p, tenth, mean)),
  interval = unname(binconf(tapply(y, tenth, sum), table(tenth), method = "wilson")[, 2:3])
)

# -- CORP: isotonic regression; equal probabilities are pooled by sorting outcomes downwards ---------
corp <- function(x, rows) {
  x <- x[rows]
  o <- y[rows]
  sorted <- order(x, -o)
  fitted <- numeric(length(x))
  fitted[sorted] <- isoreg(seq_along(sorted), o[sorted])$yf
  brier <- function(q) mean((q - o)^2)
  loss <- function(q) -mean(ifelse(o == 1, log(q), log1p(-q)))
  parts <- function(score) {
    c(score(x) - score(fitted), score(rep(mean(o), length(o))) - score(fitted),
      score(rep(mean(o), length(o))))
  }
  list(recalibrated = fitted[match(sort(unique(x)), x)], brier = parts(brier), log_loss = parts(loss))
}

write_json(
  list(
    weak = weak(p), coarse_weak = weak(people$coarse), ratio = ratio,
    val_prob = as.list(published[c(
      "C_ROC_", "Brier", "Intercept", "Slope", "U", "U_Chi_sq", "U_p", "Emax", "E90", "Eavg",
      "S_z", "S_p"
    )]), splines = splines, weighted_spline = weighted_spline,
    loess = loess_of, groups = groups,
    corp = list(
      plain = corp(p, all_rows), coarse = corp(people$coarse, all_rows),
      weighted = corp(people$coarse, often)
    )
  ),
  file.path(out, "expected.json"),
  auto_unbox = TRUE, digits = NA, pretty = TRUE
)
