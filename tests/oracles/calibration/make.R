# What R makes of the same data: isotonic regression, restricted cubic splines, recalibration,
# beta calibration and a mixed model of strata.   Rscript make.R OUT
out <- commandArgs(trailingOnly = TRUE)[1]
suppressPackageStartupMessages({
  library(rms)
  library(mgcv)
})
people <- read.csv("people.csv", stringsAsFactors = TRUE)
lp <- people$lp
y <- people$outcome
w <- people$weight
p <- plogis(lp)
exact <- glm.control(epsilon = 1e-14, maxit = 100)
coefs <- function(formula, weights = NULL) {
  people$w <- if (is.null(weights)) rep(1, nrow(people)) else weights
  environment(formula) <- environment()
  unname(coef(glm(formula, family = binomial, weights = people$w, control = exact)))
}

# Isotonic regression; a weight of 3 is a row seen three times.
sorted <- order(p)
isotonic <- numeric(length(p))
isotonic[sorted] <- isoreg(p[sorted], y[sorted])$yf
often <- rep(sorted, w[sorted])
weighted <- tapply(isoreg(seq_along(often), y[often])$yf, often, mean)

# Restricted cubic spline with the default knots of four.
knots <- rcspline.eval(lp, nk = 4, knots.only = TRUE)
basis <- rcspline.eval(lp, knots = knots, inclx = TRUE, norm = 2)
fit <- lrm(y ~ rcs(lp, knots), tol = 1e-14, eps = 1e-12, maxit = 200)

# Intercepts and slopes of strata, independent of each other at the mean of lp.
centre <- mean(lp)
people$z <- lp - centre
mixed <- gam(outcome ~ z + s(stratum, bs = "re") + s(stratum, by = z, bs = "re"),
  family = binomial, data = people, method = "REML",
  control = gam.control(epsilon = 1e-12, newton = list(conv.tol = 1e-11, maxNstep = 5))
)
names_of <- levels(people$stratum)
size <- length(names_of)
pick <- function(i) {
  m <- matrix(0, 2, length(coef(mixed)))
  m[1, c(1, 2 + i)] <- 1
  m[2, c(2, 2 + size + i)] <- 1
  m
}
strata <- lapply(seq_len(size), function(i) {
  m <- pick(i)
  list(
    b = as.vector(m %*% coef(mixed)),
    covariance = m %*% vcov(mixed) %*% t(m)
  )
})
names(strata) <- names_of

expected <- list(
  isotonic = isotonic,
  isotonic_weighted = as.vector(weighted[order(as.integer(names(weighted)))]),
  knots = as.vector(knots),
  basis = unname(basis[1:50, ]),
  spline_glm = coefs(y ~ basis),
  spline_lrm = unname(coef(fit)),
  spline_weighted = coefs(y ~ basis, w),
  logistic = coefs(y ~ lp),
  logistic_weighted = coefs(y ~ lp, w),
  beta = coefs(y ~ log(p) + I(-log1p(-p))),
  beta_weighted = coefs(y ~ log(p) + I(-log1p(-p)), w),
  mixed = list(
    centre = centre,
    variances = as.vector(1 / mixed$sp),
    reml = as.vector(mixed$gcv.ubre),
    common = unname(coef(mixed)[1:2]),
    common_covariance = unname(vcov(mixed)[1:2, 1:2]),
    strata = strata
  )
)
jsonlite::write_json(expected, file.path(out, "expected.json"), digits = NA, auto_unbox = TRUE)
