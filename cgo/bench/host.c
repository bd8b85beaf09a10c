/* A host that loads the library as an application would and measures it:
 *   host LIBRARY SOCKET heartbeat N   p50 p99 of a round trip, microseconds
 *   host LIBRARY SOCKET init          load, init, RSS added (ms ms KiB)
 *   host LIBRARY SOCKET lease N TOKEN p50 p99 of a lease check, microseconds
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iscdesk.h"
#include "timing.h"

static void *library;

static void *symbol(const char *name) {
    void *p = dlsym(library, name);
    if (!p) {
        fprintf(stderr, "host: %s\n", dlerror());
        exit(1);
    }
    return p;
}

static long rss_kib(void) {
    long pages = 0, ignored = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%ld %ld", &ignored, &pages) != 2)
        exit(1);
    fclose(f);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void must(const char *what, isc_status status) {
    if (status == ISC_OK)
        return;
    fprintf(stderr, "host: %s: %d %s\n", what, status, ((const char *(*)(void))symbol("isc_last_error"))());
    exit(1);
}

int main(int argc, char **argv) {
    isc_options options = {.struct_size = sizeof options, .product = "minicad", .version = "1.0.0"};
    isc_session *session = NULL;
    double begin, loaded, ready;
    long before;
    if (argc < 4)
        return 2;
    options.socket = argv[2];
    options.lease_keys = getenv("BENCH_LEASE_KEYS");
    int count = argc > 4 ? atoi(argv[4]) : 20000;
    before = rss_kib();
    begin = now_us();
    library = dlopen(argv[1], RTLD_NOW);
    if (!library) {
        fprintf(stderr, "host: %s\n", dlerror());
        return 1;
    }
    loaded = now_us();
    must("isc_init",
         ((isc_status(*)(const isc_options *, isc_session **))symbol("isc_init"))(&options, &session));
    ready = now_us();
    if (!strcmp(argv[3], "init"))
        printf("%.2f %.2f ", (loaded - begin) / 1e3, (ready - loaded) / 1e3);
    if (!strcmp(argv[3], "lease")) {
        must("isc_license_acquire",
             ((isc_status(*)(isc_session *, const char *))symbol("isc_license_acquire"))(session, NULL));
        isc_status (*check)(isc_session *, const char *, isc_lease_info *) =
            (isc_status(*)(isc_session *, const char *, isc_lease_info *))symbol("isc_license_check");
        for (int i = 0; i < count; i++) {
            begin = now_us();
            for (int j = 0; j < 100; j++)
                must("isc_license_check", check(session, NULL, NULL));
            sample((now_us() - begin) / 100);
        }
        report();
    } else {
        isc_status (*beat)(isc_session *, isc_heartbeat_reply *) =
            (isc_status(*)(isc_session *, isc_heartbeat_reply *))symbol("isc_heartbeat");
        isc_heartbeat_reply reply = {.struct_size = sizeof reply};
        if (!strcmp(argv[3], "init"))
            count = 100;
        for (int i = -count / 10; i < count; i++) {
            begin = now_us();
            must("isc_heartbeat", beat(session, &reply));
            if (i >= 0)
                sample(now_us() - begin);
        }
        if (!strcmp(argv[3], "init"))
            printf("%ld\n", rss_kib() - before);
        else
            report();
    }
    must("isc_shutdown", ((isc_status(*)(isc_session *))symbol("isc_shutdown"))(session));
    return 0;
}
