/*
 * server - the loop: receives, hands over, replies, and leaves when there is
 * nothing to do.  While nothing happens it makes no system call, from a tenth
 * of a second after the last request on.
 */
#ifndef TALKD_SERVER_H
#define TALKD_SERVER_H

#include <stdint.h>

#include "access.h"
#include "log.h"
#include "sockets.h"

struct server_options {
	int64_t idle; /* ms without a request, and then it leaves; 0: never */
	int64_t life; /* ms that an invitation lives unrefreshed */
	struct access *access;
};

/*
 * Serves the sockets until it has been idle so long and no invitation lives,
 * or, of streams that were accepted already, until they are closed: then
 * returns NULL.  Otherwise returns what failed, with errno.
 */
const char *server_run(const struct sockets *sockets,
    const struct server_options *options, const struct log *log);

#endif
