/*
 * The tests of common/owner: real sockets of this host.  Where the tests run as
 * root, they have another user's, too.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host.h"
#include "local.h"
#include "common/owner.h"

static void
skip_where_nobody_tells(void)
{
	if (!host_tells_owners())
		skip();
}

static void
assert_mine(struct owner owner)
{
	assert_int_equal(owner.telling, OWNER_TOLD);
	assert_int_equal(owner.uid, getuid());
}

/* ----------------------------------------------------------- datagrams --- */

static void
a_datagrams_socket_has_its_owner_however_it_is_bound(void **state)
{
	static const struct {
		int family;
		bool any;
		int as; /* the family in which its datagrams come */
	} cases[] = {
		{ AF_INET, false, AF_INET },
		{ AF_INET, true, AF_INET },
		{ AF_INET6, false, AF_INET6 },
		{ AF_INET6, true, AF_INET6 },
		{ AF_INET6, true, AF_INET },
	};
	struct address source;
	size_t i;
	int fd;

	(void)state;
	skip_where_nobody_tells();
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fd = local_open(cases[i].family, SOCK_DGRAM, cases[i].any, 0);
		if (fd == -1)
			continue; /* no IPv6 */
		source = local_loopback(cases[i].as, fd);
		assert_mine(owner_find(IPPROTO_UDP, &source, &source));
		close(fd);
		assert_int_equal(
		    owner_find(IPPROTO_UDP, &source, &source).telling,
		    OWNER_UNSURE);
	}
}

/* One who has sent and closed his socket leaves others' at that port behind. */
static void
a_socket_that_cannot_have_sent_it_is_not_the_senders(void **state)
{
	struct address source, local = { 4, { 127, 0, 0, 1 }, 518, 0 };
	struct sockaddr_storage name;
	socklen_t len;
	int fd;

	(void)state;
	skip_where_nobody_tells();
	fd = local_open(AF_INET, SOCK_DGRAM, false, 0);
	source = local_name(fd);
	assert_mine(owner_find(IPPROTO_UDP, &source, &local));
	source.bytes[3] = 2;
	assert_int_equal(
	    owner_find(IPPROTO_UDP, &source, &local).telling, OWNER_UNSURE);
	len = address_to_sockaddr(&local, &name);
	assert_int_equal(connect(fd, (struct sockaddr *)&name, len), 0);
	source = local_name(fd);
	assert_mine(owner_find(IPPROTO_UDP, &source, &local));
	local.port = 53;
	assert_int_equal(
	    owner_find(IPPROTO_UDP, &source, &local).telling, OWNER_UNSURE);
	close(fd);
}

static void
a_port_of_two_users_is_nobodys(void **state)
{
	struct address source;
	int mine, hold;
	pid_t child;

	(void)state;
	skip_where_nobody_tells();
	if (getuid() != 0)
		skip();
	mine = local_open(AF_INET, SOCK_DGRAM, false, 0);
	source = local_name(mine);
	child = local_open_as_another(AF_INET, true, source.port, &hold);
	assert_int_equal(
	    owner_find(IPPROTO_UDP, &source, &source).telling, OWNER_UNSURE);
	local_close_anothers(child, hold);
	assert_mine(owner_find(IPPROTO_UDP, &source, &source));
	close(mine);
}

/* What a socket for IPv4 alone cannot send it has no share in. */
static void
who_is_at_the_port_in_the_other_family_counts_if_he_may_send(void **state)
{
	struct address source;
	int mine, hold;
	pid_t child;

	(void)state;
	skip_where_nobody_tells();
	mine = local_open(AF_INET6, SOCK_DGRAM, false, 0);
	if (getuid() != 0 || mine == -1)
		skip();
	source = local_name(mine);
	child = local_open_as_another(AF_INET, false, source.port, &hold);
	assert_mine(owner_find(IPPROTO_UDP, &source, &source));
	local_close_anothers(child, hold);
	close(mine);
	mine = local_open(AF_INET, SOCK_DGRAM, false, 0);
	source = local_name(mine);
	child = local_open_as_another(AF_INET6, true, source.port, &hold);
	assert_int_equal(
	    owner_find(IPPROTO_UDP, &source, &source).telling, OWNER_UNSURE);
	local_close_anothers(child, hold);
	close(mine);
}

static void
a_twin_takes_all_that_comes_to_the_port(void **state)
{
	int one = local_open(AF_INET, SOCK_DGRAM, true, 0);
	uint16_t port = local_name(one).port;

	(void)state;
	skip_where_nobody_tells();
	assert_true(owner_has_twin(port));
	close(one);
	assert_false(owner_has_twin(port));
	one = local_open(AF_INET, SOCK_DGRAM, false, 0);
	assert_false(owner_has_twin(local_name(one).port));
	close(one);
}

/* ------------------------------------------------------------- streams --- */

struct pair {
	int listener;
	int client;
	int server;
	struct address source;
	struct address local;
};

/* False when there is no such family here. */
static bool
connect_pair(struct pair *pair, int family, bool mapped)
{
	struct sockaddr_in6 in6 = { 0 };
	struct sockaddr_storage name = { 0 };
	socklen_t len = sizeof(name);
	uint16_t port;

	pair->listener = local_open(family, SOCK_STREAM, false, 0);
	pair->client = socket(mapped ? AF_INET6 : family, SOCK_STREAM, 0);
	if (pair->listener == -1 || pair->client == -1)
		return false;
	assert_int_equal(listen(pair->listener, 1), 0);
	assert_int_equal(
	    getsockname(pair->listener, (struct sockaddr *)&name, &len), 0);
	if (mapped) {
		port = local_name(pair->listener).port;
		in6.sin6_family = AF_INET6;
		in6.sin6_port = htons(port);
		assert_int_equal(
		    inet_pton(AF_INET6, "::ffff:127.0.0.1", &in6.sin6_addr), 1);
		memcpy(&name, &in6, sizeof(in6));
		len = sizeof(in6);
	}
	if (connect(pair->client, (struct sockaddr *)&name, len) != 0)
		return false;
	pair->server = accept(pair->listener, NULL, NULL);
	pair->source = local_name(pair->client);
	pair->local = local_name(pair->server);
	return pair->server != -1;
}

static void
close_pair(struct pair *pair)
{
	if (pair->client != -1)
		close(pair->client);
	close(pair->server);
	close(pair->listener);
}

static int
connect_to(const struct address *to)
{
	struct sockaddr_storage name;
	socklen_t len = address_to_sockaddr(to, &name);
	int fd = socket(name.ss_family, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&name, len), 0);
	return fd;
}

static struct owner
owner_of_pair(const struct pair *pair)
{
	return owner_find(IPPROTO_TCP, &pair->source, &pair->local);
}

static void
a_streams_other_end_has_its_owner(void **state)
{
	struct pair pair;

	(void)state;
	skip_where_nobody_tells();
	assert_true(connect_pair(&pair, AF_INET, false));
	assert_mine(owner_of_pair(&pair));
	assert_int_equal(shutdown(pair.client, SHUT_WR), 0);
	assert_mine(owner_of_pair(&pair));
	close_pair(&pair);
	if (connect_pair(&pair, AF_INET, true)) {
		assert_mine(owner_of_pair(&pair));
		close_pair(&pair);
	}
	if (connect_pair(&pair, AF_INET6, false)) {
		assert_mine(owner_of_pair(&pair));
		close_pair(&pair);
	}
}

static void
one_that_is_closed_does_not_pass_for_roots(void **state)
{
	struct pair pair;
	struct owner owner;

	(void)state;
	skip_where_nobody_tells();
	assert_true(connect_pair(&pair, AF_INET, false));
	close(pair.client);
	pair.client = -1;
	owner = owner_of_pair(&pair);
	assert_int_equal(owner.telling, OWNER_UNSURE);
	assert_false(owner_may_use(&owner, "root"));
	close_pair(&pair);
}

static void
one_who_listens_at_the_port_is_not_the_sender(void **state)
{
	struct pair pair;

	(void)state;
	skip_where_nobody_tells();
	assert_true(connect_pair(&pair, AF_INET, false));
	pair.source = local_name(pair.listener);
	pair.local.port = 1;
	assert_int_equal(owner_of_pair(&pair).telling, OWNER_UNSURE);
	close_pair(&pair);
}

/* As whoever connects finds it, until the other side has accepted. */
static void
who_listens_is_told_and_who_will_accept_is_not(void **state)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct pair pair;
	struct address listens;
	size_t i;

	(void)state;
	skip_where_nobody_tells();
	for (i = 0; i < 2; i++) {
		if (!connect_pair(&pair, families[i], false))
			continue;
		listens = pair.local;
		assert_mine(owner_find(IPPROTO_TCP, &listens, NULL));
		assert_mine(owner_find(IPPROTO_TCP, &listens, &pair.source));
		close_pair(&pair);
		assert_int_equal(
		    owner_find(IPPROTO_TCP, &listens, NULL).telling,
		    OWNER_UNSURE);
	}
	pair.listener = local_open(AF_INET, SOCK_STREAM, true, 0);
	assert_int_equal(listen(pair.listener, 1), 0);
	listens = local_loopback(AF_INET, pair.listener);
	pair.client = connect_to(&listens);
	pair.source = local_name(pair.client);
	assert_int_equal(
	    owner_find(IPPROTO_TCP, &listens, &pair.source).telling,
	    OWNER_UNSURE);
	assert_mine(owner_find(IPPROTO_TCP, &listens, NULL));
	close(pair.client);
	close(pair.listener);
}

static void
anothers_socket_is_told_as_anothers(void **state)
{
	struct pair pair;
	struct owner owner;

	(void)state;
	skip_where_nobody_tells();
	if (getuid() != 0)
		skip();
	assert_int_equal(seteuid(LOCAL_ANOTHER), 0);
	assert_true(connect_pair(&pair, AF_INET, false));
	assert_int_equal(seteuid(0), 0);
	owner = owner_of_pair(&pair);
	assert_int_equal(owner.telling, OWNER_TOLD);
	assert_int_equal(owner.uid, LOCAL_ANOTHER);
	close_pair(&pair);
}

/* --------------------------------------------------------------- names --- */

static void
an_owner_uses_his_own_name_only(void **state)
{
	const struct passwd *entry = getpwuid(1); /* daemon, as a rule */
	struct owner owner = { OWNER_TOLD, 1 };
	char name[64];
	size_t i;

	(void)state;
	if (entry == NULL)
		skip();
	snprintf(name, sizeof(name), "%s", entry->pw_name);
	assert_true(owner_may_use(&owner, name));
	assert_false(owner_may_use(&owner, "root"));
	assert_false(owner_may_use(&owner, "no-such-one"));
	assert_false(owner_may_use(&owner, ""));
	for (i = 0; name[i] >= 'a' && name[i] <= 'z'; i++)
		name[i] = (char)(name[i] - 'a' + 'A');
	assert_true(owner_may_use(&owner, name));
	name[strlen(name) - 1] = '\0';
	assert_false(owner_may_use(&owner, name));
}

static void
root_uses_any_name(void **state)
{
	const struct owner owner = { OWNER_TOLD, 0 };

	(void)state;
	assert_true(owner_may_use(&owner, "root"));
	assert_true(owner_may_use(&owner, "no-such-one"));
}

static void
doubt_is_refused_and_a_system_that_never_tells_is_not(void **state)
{
	const struct owner unsure = { OWNER_UNSURE, 0 };
	const struct owner untold = { OWNER_UNTOLD, 0 };

	(void)state;
	assert_false(owner_may_use(&unsure, "root"));
	assert_true(owner_may_use(&untold, "anyone"));
}

static void
this_hosts_addresses_are_here(void **state)
{
	const struct address lo = { 4, { 127, 0, 0, 3 }, 1, 0 };
	const struct address local = { 4, { 192, 0, 2, 7 }, 18, 0 };
	const struct address other = { 4, { 192, 0, 2, 8 }, 18, 0 };
	struct address same = local;

	(void)state;
	same.port = 4000;
	assert_true(owner_is_here(&lo, &local));
	assert_true(owner_is_here(&same, &local));
	assert_false(owner_is_here(&other, &local));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_datagrams_socket_has_its_owner_however_it_is_bound),
		cmocka_unit_test(
		    a_socket_that_cannot_have_sent_it_is_not_the_senders),
		cmocka_unit_test(a_port_of_two_users_is_nobodys),
		cmocka_unit_test(
		    who_is_at_the_port_in_the_other_family_counts_if_he_may_send),
		cmocka_unit_test(a_twin_takes_all_that_comes_to_the_port),
		cmocka_unit_test(a_streams_other_end_has_its_owner),
		cmocka_unit_test(one_that_is_closed_does_not_pass_for_roots),
		cmocka_unit_test(one_who_listens_at_the_port_is_not_the_sender),
		cmocka_unit_test(
		    who_listens_is_told_and_who_will_accept_is_not),
		cmocka_unit_test(anothers_socket_is_told_as_anothers),
		cmocka_unit_test(an_owner_uses_his_own_name_only),
		cmocka_unit_test(root_uses_any_name),
		cmocka_unit_test(
		    doubt_is_refused_and_a_system_that_never_tells_is_not),
		cmocka_unit_test(this_hosts_addresses_are_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
