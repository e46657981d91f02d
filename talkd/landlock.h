/*
 * landlock - gives up, for good, what a daemon that has its sockets never does
 * (Linux since 5.13; landlock(7)).
 */
#ifndef TALKD_LANDLOCK_H
#define TALKD_LANDLOCK_H

/*
 * What the kernel offers: the version of its interface, or 0 where there is
 * none: another system, a kernel without it, or one told not to use it.
 */
int landlock_version(void);

/*
 * From here on this thread, and those it starts, can read files and write to
 * the devices below /dev.  Nothing else is written, made, removed, moved or
 * executed; so far as the version goes no TCP port is bound (4), no device
 * outside /dev controlled (5), and no process outside signalled, nor an
 * abstract socket of one reached (6).  Open descriptors stay what they are, and
 * so do the resolver, syslog and all else that goes through sockets.
 *
 * Privileges must be given up before (PR_SET_NO_NEW_PRIVS).  Returns NULL, also
 * when there is no Landlock, or the call that failed, with errno.
 */
const char *landlock_enter(void);

#endif
