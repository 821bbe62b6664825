# What R makes of the same pilot: mixed models with Kenward and Roger's correction (lme4, pbkrtest),
# CR2 with Satterthwaite's degrees (clubSandwich), estimating equations (geepack) with the
# correction of Mancl and DeRouen written out, a segmented line with AR(1) errors (nlme), and the
# closed form of Hussey and Hughes (2007).   Rscript make.R OUT
out <- commandArgs(trailingOnly = TRUE)[1]
suppressPackageStartupMessages({
  library(lme4)
  library(pbkrtest)
  library(clubSandwich)
  library(geepack)
  library(nlme)
})
people <- read.csv("people.csv")
people$period <- factor(people$period)
people$cell <- interaction(people$site, people$period)
people$id <- as.integer(factor(people$site))
exact <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 2e-3, rhoend = 1e-10, maxfun = 1e5))

mixed <- lme4::lmer(y ~ exposed + period + (1 | site) + (1 | cell), people, control = exact)
smaller <- lme4::lmer(y ~ period + (1 | site) + (1 | cell), people, control = exact)
kr <- KRmodcomp(mixed, smaller)$stats
parts <- as.data.frame(VarCorr(mixed))
variance <- function(name) parts$vcov[parts$grp == name]
gls_cr2 <- coef_test(mixed, vcov = "CR2", test = "Satterthwaite")["exposed", ]

of_people <- function(formula) {
  fit <- lm(formula, people)
  found <- coef_test(fit, vcov = "CR2", cluster = people$site, test = "Satterthwaite")
  row <- found[rownames(found) == "exposed", ]
  list(value = row$beta, error = row$SE, degrees = row$df_Satt)
}

mancl_derouen <- function(formula, family) {
  fit <- geeglm(formula, family = family, data = people, id = id, corstr = "exchangeable",
    control = geese.control(epsilon = 1e-12, maxit = 200))
  alpha <- unname(fit$geese$alpha)
  x <- model.matrix(formula, people)
  mu <- as.vector(fit$fitted.values)
  variance <- family$variance(mu)
  d <- x * family$mu.eta(family$linkfun(mu))
  y <- people[[all.vars(formula)[1]]]
  inverse <- function(i) {
    n <- length(i)
    r <- matrix(alpha, n, n)
    diag(r) <- 1
    a <- diag(1 / sqrt(variance[i]), n)
    a %*% solve(r) %*% a
  }
  groups <- split(seq_along(y), people$id)
  bread <- solve(Reduce(`+`, lapply(groups, function(i) t(d[i, ]) %*% inverse(i) %*% d[i, ])))
  meat <- Reduce(`+`, lapply(groups, function(i) {
    v <- inverse(i)
    h <- d[i, ] %*% bread %*% t(d[i, ]) %*% v
    u <- t(d[i, ]) %*% v %*% solve(diag(length(i)) - h) %*% (y[i] - mu[i])
    u %*% t(u)
  }))
  list(
    value = unname(coef(fit)["exposed"]), correlation = alpha,
    error = sqrt((bread %*% meat %*% bread)[2, 2])
  )
}

series <- read.csv("series.csv")
series$post <- as.numeric(series$time >= 12)
series$since <- series$post * (series$time - 12)
line <- gls(y ~ I(time - 12) + post + since, series, correlation = corAR1(), method = "REML",
  control = glsControl(tolerance = 1e-10, msTol = 1e-12))
line_table <- summary(line)$tTable

hussey_hughes <- function(groups, each, n, level, site, effect) {
  t <- groups + 1
  x <- do.call(rbind, lapply(rep(seq_len(groups), each = each), function(g) as.numeric(seq_len(t) > g)))
  i <- nrow(x)
  u <- sum(x)
  w <- sum(colSums(x)^2)
  v <- sum(rowSums(x)^2)
  s2 <- level * (1 - level) / n
  variance <- i * s2 * (s2 + t * site^2) /
    ((i * u - w) * s2 + (u^2 + i * t * u - t * w - i * v) * site^2)
  list(error = sqrt(variance), power = pnorm(abs(effect) / sqrt(variance) - qnorm(0.975)))
}

expected <- list(
  mixed = list(
    site = variance("site"), site_period = variance("cell"), within = variance("Residual"),
    value = unname(fixef(mixed)["exposed"]), error = sqrt(vcov(mixed)["exposed", "exposed"]),
    kenward_roger_error = sqrt(as.matrix(vcovAdj(mixed))[2, 2]), degrees = kr$ddf, p_value = kr$p.value
  ),
  mixed_cr2 = list(value = gls_cr2$beta, error = gls_cr2$SE, degrees = gls_cr2$df_Satt),
  periods = of_people(y ~ exposed + period),
  sites_and_periods = of_people(y ~ exposed + period + site),
  binary = mancl_derouen(z ~ exposed + period, binomial()),
  series = list(
    level = line_table["post", 1], level_error = line_table["post", 2],
    slope = line_table["since", 1], slope_error = line_table["since", 2],
    autocorrelation = unname(coef(line$modelStruct$corStruct, unconstrained = FALSE))
  ),
  hussey_hughes = list(
    published = hussey_hughes(4, 6, 120, 0.0425, 0.01, 0.015),
    few = hussey_hughes(4, 2, 40, 0.3, 0.08, 0.1)
  )
)
jsonlite::write_json(expected, file.path(out, "expected.json"), digits = NA, auto_unbox = TRUE)
