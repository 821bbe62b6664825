#include "plan.h"
#define FEATURES_OF interpreted
#include "many.h"
