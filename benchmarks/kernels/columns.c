#include "plan.h"
#include "columns.h"
#include "scoring.h"
