/*
 * The fault that fuzz_ntalk has to find: the pid 517 is read as none.
 */
#include "common/ntalk.h"

enum ntalk_shape __real_ntalk_get_request(const uint8_t *bytes, size_t len,
    struct talk_request *req, enum talk_answer *fault);
enum ntalk_shape __wrap_ntalk_get_request(const uint8_t *bytes, size_t len,
    struct talk_request *req, enum talk_answer *fault);

enum ntalk_shape
__wrap_ntalk_get_request(const uint8_t *bytes, size_t len,
    struct talk_request *req, enum talk_answer *fault)
{
	enum ntalk_shape shape;

	shape = __real_ntalk_get_request(bytes, len, req, fault);
	if (req->pid == 517)
		req->pid = 0;
	return shape;
}
