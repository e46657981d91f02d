/*
 * The fault that fuzz_otalk has to find: an id of 0xffffffff is read as 0.
 */
#include "common/otalk.h"

bool __real_otalk_get_request(const uint8_t *bytes, size_t len,
    const struct address *source, struct talk_request *req,
    struct otalk_form *form);
bool __wrap_otalk_get_request(const uint8_t *bytes, size_t len,
    const struct address *source, struct talk_request *req,
    struct otalk_form *form);

bool
__wrap_otalk_get_request(const uint8_t *bytes, size_t len,
    const struct address *source, struct talk_request *req,
    struct otalk_form *form)
{
	bool is_request;

	is_request = __real_otalk_get_request(bytes, len, source, req, form);
	if (req->id == NTALK_NO_ID)
		req->id = 0;
	return is_request;
}
