/*
 * echo - the bare minimum that talkd is measured beside: each datagram that
 * comes to standard input, a socket as inetd gives it, goes back.
 */
#include <sys/socket.h>

#include <unistd.h>

int
main(void)
{
	struct sockaddr_storage source;
	struct sockaddr *from = (struct sockaddr *)&source;
	char bytes[1024];
	socklen_t from_len;
	ssize_t len;

	for (;;) {
		from_len = sizeof(source);
		len = recvfrom(
		    STDIN_FILENO, bytes, sizeof(bytes), 0, from, &from_len);
		if (len == -1)
			return 1;
		(void)sendto(
		    STDIN_FILENO, bytes, (size_t)len, 0, from, from_len);
	}
}
