/*
 * duplicates - a ring of the messages that came last.
 */
#include "duplicates.h"

/* NULL when it is not there. */
static struct duplicate *
find(struct duplicates *duplicates, uint64_t id)
{
	size_t i;

	for (i = 0; i < DUPLICATES_MAX; i++)
		if (duplicates->list[i].id == id &&
		    duplicates->list[i].until != 0)
			return &duplicates->list[i];
	return NULL;
}

static void
add(struct duplicates *duplicates, uint64_t id, int64_t until)
{
	duplicates->list[duplicates->next] = (struct duplicate){ .id = id,
		.until = until };
	duplicates->next = (duplicates->next + 1) % DUPLICATES_MAX;
}

enum duplicates_state
duplicates_take(struct duplicates *duplicates, uint64_t id, int64_t now)
{
	struct duplicate *known = find(duplicates, id);

	if (known != NULL && known->until > now)
		return known->delivered ? DUPLICATES_DELIVERED
					: DUPLICATES_UNDER_WAY;
	if (known != NULL)
		*known = (struct duplicate){ 0 };
	add(duplicates, id, now + DUPLICATES_KEPT);
	return DUPLICATES_NEW;
}

void
duplicates_settle(struct duplicates *duplicates, uint64_t id, bool delivered)
{
	struct duplicate *known = find(duplicates, id);

	if (known == NULL)
		return;
	if (delivered)
		known->delivered = true;
	else
		*known = (struct duplicate){ 0 };
}
