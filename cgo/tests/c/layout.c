/* Prints what the binary contract fixes: sizes and offsets on 64-bit systems,
 * and numbers. */
#include <stddef.h>
#include <stdio.h>

#include "iscdesk.h"

#define SIZE(type) printf("sizeof %s %zu\n", #type, sizeof(type))
#define AT(type, member) printf("%s.%s %zu\n", #type, #member, offsetof(type, member))
#define NUMBER(name) printf("%s %d\n", #name, (int)name)

int main(void) {
    SIZE(isc_options);
    AT(isc_options, struct_size);
    AT(isc_options, delivery);
    AT(isc_options, timeout_ms);
    AT(isc_options, shutdown_timeout_ms);
    AT(isc_options, product);
    AT(isc_options, version);
    AT(isc_options, lease_keys);
    AT(isc_options, socket);
    AT(isc_options, language);
    AT(isc_options, workspace);
    AT(isc_options, callback);
    AT(isc_options, user);
    SIZE(isc_heartbeat_reply);
    AT(isc_heartbeat_reply, state);
    AT(isc_heartbeat_reply, interval_seconds);
    AT(isc_heartbeat_reply, lease_deadline);
    SIZE(isc_lease_info);
    AT(isc_lease_info, in_grace);
    AT(isc_lease_info, expires);
    AT(isc_lease_info, grace_until);
    NUMBER(ISC_DELIVER_THREAD);
    NUMBER(ISC_DELIVER_PUMP);
    NUMBER(ISC_DELIVER_DESCRIPTOR);
    NUMBER(ISC_STATE_ONLINE);
    NUMBER(ISC_STATE_OFFLINE);
    NUMBER(ISC_STATE_SIGNED_OUT);
    NUMBER(ISC_LICENSE_STRING);
    NUMBER(ISC_LICENSE_FILE);
    NUMBER(ISC_EVENT_NONE);
    NUMBER(ISC_EVENT_LICENSE_VERIFY);
    NUMBER(ISC_EVENT_OPENCLOUDFILE_RESULT);
    NUMBER(ISC_EVENT_SAVE_RESULT);
    NUMBER(ISC_EVENT_UPLOAD_START);
    NUMBER(ISC_EVENT_UPLOAD_END);
    NUMBER(ISC_EVENT_UPGRADENOTICE);
    NUMBER(ISC_EVENT_UPDATE);
    NUMBER(ISC_EVENT_HEARTBEAT);
    NUMBER(ISC_EVENT_CLOSED);
    NUMBER(ISC_EVENT_CONNECTED);
    NUMBER(ISC_EVENT_PUBLISH_RESULT);
    NUMBER(ISC_EVENT_UPLOAD_PROGRESS);
    NUMBER(ISC_EVENT_LICENSE_CHANGED);
    NUMBER(ISC_EVENT_LEASE_RENEWED);
    NUMBER(ISC_EVENT_LEASE_LOST);
    NUMBER(ISC_EVENT_SOLUTION_RESULT);
    NUMBER(ISC_EVENT_SOLUTION_PROGRESS);
    NUMBER(ISC_EVENT_INSTALL_PROGRESS);
    NUMBER(ISC_EVENT_FAILURE);
    return 0;
}
