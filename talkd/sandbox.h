/*
 * sandbox - what the process can still do, once it has its sockets.
 */
#ifndef TALKD_SANDBOX_H
#define TALKD_SANDBOX_H

/*
 * Started as root, becomes that user, in group tty and no other: the group
 * that may write on terminals.  Whoever it is, gains no privileges any more.
 * Returns NULL, or what failed, with errno (0 when there is no such user or
 * group); the process must not go on then.
 */
const char *sandbox_enter(const char *user);

#endif
