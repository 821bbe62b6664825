#include "plan.h"
#include "columns.h"
