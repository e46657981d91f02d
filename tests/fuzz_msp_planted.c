/*
 * The fault that fuzz_msp has to find: a request behind which another begins
 * takes that one's first octet along.
 */
#include "common/msp.h"

enum msp_reading __real_msp_get_request(const uint8_t *bytes, size_t len,
    bool ended, struct msp_message *message, size_t *used, const char **reason);
enum msp_reading __wrap_msp_get_request(const uint8_t *bytes, size_t len,
    bool ended, struct msp_message *message, size_t *used, const char **reason);

enum msp_reading
__wrap_msp_get_request(const uint8_t *bytes, size_t len, bool ended,
    struct msp_message *message, size_t *used, const char **reason)
{
	enum msp_reading reading;

	reading = __real_msp_get_request(
	    bytes, len, ended, message, used, reason);
	if (reading == MSP_WHOLE && *used < len && bytes[*used] == 'B')
		++*used;
	return reading;
}
