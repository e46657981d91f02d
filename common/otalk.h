/*
 * otalk - the datagrams of the talk protocol before 4.3BSD (SunOS kept it):
 * 76 bytes, no version, integers in the sender's own byte order.
 *
 * The structs are ntalk's.  Pure functions.
 */
#ifndef COMMON_OTALK_H
#define COMMON_OTALK_H

#include "ntalk.h"

enum {
	OTALK_REQUEST_SIZE = 76,
	OTALK_REPLY_SIZE = 24,
	OTALK_NAME_SIZE = 9, /* its NUL included */
};

/* How a sender writes numbers: his reply has to be written like that. */
struct otalk_form {
	bool little;  /* id, pid and address family are little-endian */
	bool swapped; /* as are port and host, else in network order */
};

/*
 * Reads a request.  Nothing in it says so, hence it counts as one only when
 * its length is right, its type known (0 to 6; wire_type keeps it), its three
 * strings clean and ended by NUL, and its ctl_addr is the address it came from.
 * False otherwise, and then *req and *form are zero.  An addr that is not IPv4
 * has family 0: only LEAVE_INVITE needs one.
 */
bool otalk_get_request(const uint8_t *bytes, size_t len,
    const struct address *source, struct talk_request *req,
    struct otalk_form *form);

/* Writes a reply; an address that is not IPv4 leaves its 16 bytes zero. */
void otalk_put_reply(const struct talk_reply *reply,
    const struct otalk_form *form, uint8_t bytes[OTALK_REPLY_SIZE]);

#endif
