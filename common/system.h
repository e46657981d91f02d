/*
 * system - what is used beyond POSIX.1-2008, and which system has what of it.
 *
 * Comes before all other headers in a file that uses some.  Linux is tried;
 * what is said of others is what their manual pages say.
 */
#ifndef COMMON_SYSTEM_H
#define COMMON_SYSTEM_H

/* The BSDs and macOS show what is theirs to those who ask for no standard. */
#undef _POSIX_C_SOURCE

/* glibc and musl, to those who ask for it. */
#define _GNU_SOURCE

/* IPV6_RECVPKTINFO, which macOS has twice, as RFC 2292 and RFC 3542 have it. */
#define __APPLE_USE_RFC_3542

/*
 * Linux, ip(7), and macOS, ip(4): IP_PKTINFO tells to which address of this
 * host a datagram came, and says from which one goes.  FreeBSD, OpenBSD and
 * NetBSD have IP_RECVDSTADDR and IP_SENDSRCADDR of ip(4) for that, the latter
 * by the name of the former where it has none.
 */
#if defined(__linux__) || defined(__APPLE__)
#define SYSTEM_PKTINFO
#endif

/*
 * Linux: prctl(2), landlock(7), sock_diag(7), and recvmmsg(2), which returns
 * with what there is (MSG_WAITFORONE).
 */
#ifdef __linux__
#define SYSTEM_LINUX
#endif

/* OpenBSD: pledge(2) and unveil(2), but not POSIX's <utmpx.h>, which is XSI. */
#ifdef __OpenBSD__
#define SYSTEM_PLEDGE
#else
#define SYSTEM_UTMPX
#endif

/* macOS, stat(2): by another name what POSIX has; and tcp(4): likewise. */
#ifdef __APPLE__
#define st_mtim	     st_mtimespec
#define st_ctim	     st_ctimespec
#define TCP_KEEPIDLE TCP_KEEPALIVE
#endif

#endif
