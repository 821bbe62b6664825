# Evaluation at a horizon by R, as `Rscript make.R OUT` writes it to OUT/expected.json.
# people.csv: 360 made-up people with predictions by day 300 and 600 (`rounded`: by 600, with ties);
# `time` has no ties, `month` many; cause 0 censored, 1 the event, 2 a competing event.
suppressPackageStartupMessages({
  library(survival)
  library(cmprsk)
  library(prodlim)
  library(riskRegression)
  library(rms)
  library(jsonlite)
})
out <- commandArgs(trailingOnly = TRUE)[1]
people <- read.csv("people.csv")
days <- c(300, 600)
predicted <- as.matrix(people[, c("risk300", "risk600")])
# glm stops on the deviance, so it is started again where it stopped
exact_glm <- function(formula, data) {
  start <- NULL
  for (again in 1:6) {
    fit <- suppressWarnings(glm(formula, binomial(link = "cloglog"), data,
      weights = w, start = start, control = glm.control(epsilon = 1e-14, maxit = 100)
    ))
    start <- coef(fit)
  }
  fit
}

# -- Score of riskRegression -----------------------------------------------------------------------
score <- function(formula, cause) {
  data <- people
  data$alone <- as.integer(people$cause == 1)
  found <- suppressWarnings(Score(
    list(model = predicted), formula = formula, data = data, times = days, cause = cause,
    metrics = c("auc", "brier"), summary = "ipa", conf.int = TRUE, null.model = TRUE,
    cens.model = "km", conservative = FALSE, split.method = "none"
  ))
  brier <- as.data.frame(found$Brier$score)
  auc <- as.data.frame(found$AUC$score)
  ours <- brier[brier$model == "model", ]
  null <- brier[brier$model != "model", ]
  list(
    brier = ours$Brier, brier_error = ours$se, ipa = ours$IPA,
    reference = null$Brier, reference_error = null$se, auc = auc$AUC, auc_error = auc$se
  )
}

# -- two models of the same people -----------------------------------------------------------------
pair <- function() {
  found <- Score(
    list(first = matrix(people$risk600), second = matrix(people$rounded)),
    formula = Hist(time, cause) ~ 1, data = people, times = 600, cause = 1,
    metrics = c("auc", "brier"), conf.int = TRUE, null.model = FALSE,
    cens.model = "km", conservative = FALSE, split.method = "none"
  )
  auc <- as.data.frame(found$AUC$contrasts)
  brier <- as.data.frame(found$Brier$contrasts)
  list(
    auc = auc$delta.AUC, auc_error = auc$se, auc_p = auc$p,
    brier = brier$delta.Brier, brier_error = brier$se, brier_p = brier$p
  )
}

# -- incidence with the infinitesimal jackknife of survival ---------------------------------------------
jackknife <- function(weights = NULL, cluster = NULL) {
  data <- people
  data$state <- factor(people$cause, 0:2, c("none", "event", "other"))
  data$w <- if (is.null(weights)) rep(1, nrow(data)) else weights
  data$row <- seq_len(nrow(data))
  fit <- survfit(Surv(month, state) ~ 1, data, weights = w, id = row, influence = TRUE)
  place <- findInterval(c(10, 20), fit$time)
  first <- dim(fit$influence.pstate)[2] - length(fit$time)  # it may begin at day 0
  moved <- fit$influence.pstate[, place + first, 2] * data$w
  unit <- if (is.null(cluster)) data$row else cluster
  list(
    incidence = fit$pstate[place, 2], error = sqrt(colSums(rowsum(moved, unit)^2))
  )
}

# -- concordance --------------------------------------------------------------------------------------
ranked <- function(weighting, time, risk, horizon, weights = NULL, cluster = NULL) {
  data <- data.frame(
    when = people[[time]], event = people$cause == 1, risk = people[[risk]],
    w = if (is.null(weights)) 1 else weights,
    unit = if (is.null(cluster)) seq_len(nrow(people)) else cluster
  )
  fit <- concordance(
    Surv(when, event) ~ risk, data, weights = w, cluster = unit, reverse = TRUE,
    ymax = horizon, timewt = weighting
  )
  list(value = unname(fit$concordance), error = sqrt(fit$var))
}

competing_c <- function() {
  found <- pec::cindex(
    list(model = predicted[, 2, drop = FALSE]), formula = Hist(time, cause) ~ 1, data = people,
    eval.times = 600, pred.times = 600, cause = 1, cens.model = "marginal", verbose = FALSE
  )
  unname(found$AppCindex$model)
}

# -- weights for censoring, written out ------------------------------------------------------------
G <- function(time, at) {  # just before `at`; who has an event on a day is not at risk of censoring on it
  past <- sort(unique(people[[time]][people$cause == 0 & people[[time]] < at]))
  prod(vapply(past, function(u) {
    lost <- sum(people[[time]] == u & people$cause == 0)
    1 - lost / (sum(people[[time]] > u) + lost)
  }, 0))
}
horizon_data <- function(time, horizon) {
  when <- people[[time]]
  ended <- people$cause != 0 & when <= horizon
  known <- ended | when >= horizon
  list(
    event = as.numeric(ended & people$cause == 1), free = !ended & when >= horizon,
    weight = ifelse(known, 1 / vapply(pmin(when, horizon), function(u) G(time, u), 0), 0)
  )
}

pairs_auc <- function(time, horizon, risk, free_only) {
  d <- horizon_data(time, horizon)
  controls <- if (free_only) which(d$free) else which(d$event == 0 & d$weight > 0)
  won <- met <- 0
  for (i in which(d$event == 1)) for (j in controls) {
    w <- d$weight[i] * d$weight[j]
    won <- won + w * ((risk[i] > risk[j]) + (risk[i] == risk[j]) / 2)
    met <- met + w
  }
  won / met
}

pairs_c <- function(time, horizon, risk) {  # Wolbers and others 2014, with ties
  when <- people[[time]]
  event <- people$cause == 1 & when <= horizon
  rival <- people$cause == 2 & when <= horizon
  g <- 1 / vapply(when, function(u) G(time, u), 0)
  won <- met <- 0
  for (i in which(event)) for (j in seq_along(when)) {
    longer <- when[j] > when[i] || (when[j] == when[i] && people$cause[j] == 0)
    w <- if (longer) g[i]^2 else if (rival[j] && when[j] <= when[i]) g[i] * g[j] else 0
    won <- won + w * ((risk[i] > risk[j]) + (risk[i] == risk[j]) / 2)
    met <- met + w
  }
  won / met
}

cloglog <- function(p) log(-log(1 - p))
regression <- function(horizon, risk) {
  d <- horizon_data("time", horizon)
  data <- data.frame(event = d$event, w = d$weight, lp = cloglog(risk))[d$weight > 0, ]
  knots <- unname(quantile(cloglog(risk), c(0.05, 0.35, 0.65, 0.95)))
  large <- exact_glm(event ~ offset(lp), data)
  weak <- exact_glm(event ~ lp, data)
  flexible <- exact_glm(event ~ rcs(lp, knots), data)
  at <- c(0.1, 0.25, 0.4, 0.6)
  list(
    intercept = unname(coef(large)), slope = unname(coef(weak)[2]), at = at,
    curve = unname(predict(flexible, data.frame(lp = cloglog(at)), type = "response"))
  )
}

states <- people  # `pseudo` looks for the data where it is called
states$state <- factor(people$cause, 0:2, c("none", "event", "other"))
followed <- survfit(Surv(time, state) ~ 1, states)
pseudo_values <- function(horizon, risk) {  # another way to the same two numbers
  data <- states
  data$value <- pseudo(followed, times = horizon)[, 2]
  data$lp <- cloglog(risk)
  data$row <- seq_len(nrow(data))
  weak <- geepack::geese(value ~ lp, data = data, id = row, mean.link = "cloglog",
    scale.fix = TRUE, family = gaussian, jack = FALSE)
  large <- geepack::geese(value ~ offset(lp), data = data, id = row, mean.link = "cloglog",
    scale.fix = TRUE, family = gaussian, jack = FALSE)
  list(
    intercept = unname(large$beta), intercept_error = sqrt(large$vbeta[1, 1]),
    slope = unname(weak$beta[2]), slope_error = sqrt(weak$vbeta[2, 2])
  )
}

net_benefit <- function(cut_off, horizon, risk) {
  above <- people[risk >= cut_off, ]
  f <- timepoints(cuminc(above$month, above$cause), times = horizon)$est["1 1", 1]
  nrow(above) / nrow(people) * (f - (1 - f) * cut_off / (1 - cut_off))
}

tenths <- function() {
  group <- cut(people$risk600, quantile(people$risk600, 0:4 / 4), include.lowest = TRUE)
  parts <- split(people, group)
  lapply(unname(parts), function(part) {
    part$state <- factor(part$cause, 0:2, c("none", "event", "other"))
    part$row <- seq_len(nrow(part))
    at <- summary(survfit(Surv(month, state) ~ 1, part, id = row), times = 20)
    list(n = nrow(part), incidence = unname(at$pstate[2]), error = unname(at$std.err[2]))
  })
}

expected <- list(
  days = days,
  score = list(
    competing = score(Hist(time, cause) ~ 1, 1),
    alone = score(Surv(time, alone) ~ 1, 1)
  ),
  jackknife = list(
    plain = jackknife(), weighted = jackknife(people$weight),
    clustered = jackknife(cluster = people$prison)
  ),
  harrell = list(
    plain = ranked("n", "month", "rounded", 20),
    weighted = ranked("n", "month", "rounded", 20, people$weight),
    clustered = ranked("n", "month", "rounded", 20, cluster = people$prison)
  ),
  uno = ranked("n/G2", "time", "risk600", 600),
  competing_c = list(
    pec = competing_c(), pairs = pairs_c("time", 600, people$risk600),
    tied = pairs_c("month", 20, people$rounded)
  ),
  auc = list(
    event_free = pairs_auc("time", 600, people$risk600, TRUE),
    tied_others = pairs_auc("month", 20, people$rounded, FALSE),
    tied_event_free = pairs_auc("month", 20, people$rounded, TRUE)
  ),
  regression = regression(600, people$risk600),
  pseudo_values = pseudo_values(600, people$risk600),
  net_benefit = sapply(c(0.2, 0.35, 0.5), net_benefit, 20, people$risk600),
  quarters = tenths(),
  pair = pair()
)
writeLines(toJSON(expected, digits = NA, auto_unbox = TRUE, pretty = TRUE), file.path(out, "expected.json"))
