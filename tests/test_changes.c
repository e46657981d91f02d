/*
 * The tests of talkd/changes: what changes in a directory of the tests' own, and
 * in /dev/pts.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "folder.h"
#include "seat.h"
#include "talkd/changes.h"

enum { MANY = 1000 };

struct scene {
	struct changes changes;
	char folder[FOLDER_SIZE];
	char file[FOLDER_SIZE + 8];
};

static void
begin(struct scene *scene)
{
#ifndef __linux__
	skip();
#endif
	*scene = (struct scene){ 0 };
	folder_make(scene->folder);
	snprintf(scene->file, sizeof(scene->file), "%s/file", scene->folder);
	changes_watch(&scene->changes, scene->folder);
}

static void
end(struct scene *scene)
{
	changes_end(&scene->changes);
	folder_remove(scene->folder);
}

/* Whether something had changed; from now on it is watched again. */
static bool
has_changed(struct scene *scene)
{
	bool came = changes_came(&scene->changes);

	assert_int_equal(changes_came(&scene->changes), came);
	changes_watch(&scene->changes, scene->folder);
	return came;
}

static void
what_is_not_watched_may_always_have_changed(void **state)
{
	struct changes changes = { 0 };

	(void)state;
	assert_true(changes_came(&changes));
	changes_watch(&changes, "/nowhere");
	assert_true(changes_came(&changes));
	changes_end(&changes);
	assert_true(changes_came(&changes));
}

static void
each_change_is_told_and_only_then(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	assert_false(has_changed(&scene));
	folder_put(scene.file, "", 0, 0600);
	assert_true(has_changed(&scene));
	assert_false(has_changed(&scene));
	assert_int_equal(chmod(scene.file, 0620), 0);
	assert_true(has_changed(&scene));
	assert_int_equal(chown(scene.file, getuid(), getgid()), 0);
	assert_true(has_changed(&scene));
	assert_int_equal(unlink(scene.file), 0);
	assert_true(has_changed(&scene));
	assert_false(has_changed(&scene));
	end(&scene);
}

static void
what_is_read_and_written_is_no_change(void **state)
{
	struct scene scene;
	char byte;
	int fd;

	(void)state;
	begin(&scene);
	folder_put(scene.file, "1", 1, 0600);
	assert_true(has_changed(&scene));
	fd = open(scene.file, O_RDWR);
	assert_int_equal(read(fd, &byte, 1), 1);
	assert_int_equal(write(fd, "2", 1), 1);
	close(fd);
	assert_false(has_changed(&scene));
	end(&scene);
}

static void
a_thousand_changes_are_one(void **state)
{
	struct scene scene;
	int i;

	(void)state;
	begin(&scene);
	for (i = 0; i < MANY; i++)
		folder_put(scene.file, "", 0, 0600);
	assert_true(has_changed(&scene));
	assert_false(has_changed(&scene));
	end(&scene);
}

static void
a_changes_watch_anew_forgets_what_was_before(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	folder_put(scene.file, "", 0, 0600);
	changes_watch(&scene.changes, scene.folder);
	assert_false(changes_came(&scene.changes));
	end(&scene);
}

/* Others' terminals may come and go meanwhile: what must be told is tested. */
static void
terminals_that_come_open_and_go_are_told(void **state)
{
	struct scene scene;
	struct seat seat;

	(void)state;
	begin(&scene);
	changes_watch(&scene.changes, "/dev/pts");
	seat_take(&seat);
	assert_true(changes_came(&scene.changes));
	changes_watch(&scene.changes, "/dev/pts");
	seat_mesg(&seat, false);
	assert_true(changes_came(&scene.changes));
	changes_watch(&scene.changes, "/dev/pts");
	seat_leave(&seat);
	assert_true(changes_came(&scene.changes));
	end(&scene);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_watched_may_always_have_changed),
		cmocka_unit_test(each_change_is_told_and_only_then),
		cmocka_unit_test(what_is_read_and_written_is_no_change),
		cmocka_unit_test(a_thousand_changes_are_one),
		cmocka_unit_test(a_changes_watch_anew_forgets_what_was_before),
		cmocka_unit_test(terminals_that_come_open_and_go_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
