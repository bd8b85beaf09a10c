/* The peer: a plain C client that makes the same heartbeat call on the same
 * socket, with nothing between it and the kernel. Prints p50 and p99 in
 * microseconds. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "timing.h"

static int fd;

static void all_in(void *buf, size_t n) {
    for (size_t got = 0; got < n;) {
        ssize_t r = read(fd, (char *)buf + got, n - got);
        if (r <= 0) {
            fprintf(stderr, "plain: the service hung up\n");
            exit(1);
        }
        got += (size_t)r;
    }
}

static void send_frame(const char *json) {
    size_t n = strlen(json);
    unsigned char frame[1024] = {0, 0, (unsigned char)((n + 1) >> 8), (unsigned char)(n + 1), 1};
    memcpy(frame + 5, json, n);
    if (write(fd, frame, n + 5) != (ssize_t)(n + 5))
        exit(1);
}

/* read_frame reads one frame and gives the length of its body. */
static size_t read_frame(char *body, size_t size) {
    unsigned char head[5];
    all_in(head, sizeof head);
    size_t n = ((size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3]) - 1;
    if (n >= size)
        exit(1);
    all_in(body, n);
    body[n] = 0;
    return n;
}

static void connect_to(const char *path) {
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    static const char upgrade[] = "GET /v1/session HTTP/1.1\r\nHost: iscdesk.local\r\nConnection: Upgrade\r\n"
                                  "Upgrade: iscdesk-session/1\r\n\r\n";
    char c, tail[4] = "";
    snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) != 0) {
        perror("plain: connect");
        exit(1);
    }
    if (write(fd, upgrade, sizeof upgrade - 1) < 0)
        exit(1);
    do {
        all_in(&c, 1);
        memmove(tail, tail + 1, 3);
        tail[3] = c;
    } while (memcmp(tail, "\r\n\r\n", 4) != 0);
}

int main(int argc, char **argv) {
    int count = argc > 2 ? atoi(argv[2]) : 20000;
    static char body[4096];
    char call[64];
    if (argc < 2)
        return 2;
    connect_to(argv[1]);
    send_frame(
        "{\"id\":1,\"call\":\"hello\",\"args\":{\"protocol\":1,\"role\":\"session\",\"session\":"
        "\"00000000000000000000000000000001\",\"product\":\"bench\",\"version\":\"1\",\"library\":\"1\"}}");
    read_frame(body, sizeof body);
    for (int i = -count / 10; i < count; i++) {
        double begin = now_us();
        snprintf(call, sizeof call, "{\"id\":%d,\"call\":\"heartbeat\"}", i + count + 2);
        send_frame(call);
        do
            read_frame(body, sizeof body);
        while (strncmp(body, "{\"id\"", 5) != 0); /* an event */
        if (i >= 0)
            sample(now_us() - begin);
    }
    report();
    return 0;
}
