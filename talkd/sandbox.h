/*
 * sandbox - what the process can still do, once it has its sockets.
 */
#ifndef TALKD_SANDBOX_H
#define TALKD_SANDBOX_H

/*
 * Started as root, becomes that user, in group tty and no other: the group
 * that may write on terminals.  Whoever it is, gains no privileges any more,
 * and can from here on, where the kernel sees to it, only read files, write to
 * devices and use sockets: Landlock does on Linux, pledge and unveil on
 * OpenBSD.
 *
 * Call it with all sockets that listen open, and before there are threads.
 * Returns NULL, or what failed, with errno (0 when there is no such user or
 * group); the process must not go on then.
 */
const char *sandbox_enter(const char *user);

#endif
