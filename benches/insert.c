/* What a bare libpq program needs to store one reading: the yardstick of benches/record.sh. */
#include <libpq-fe.h>
#include <stdio.h>

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    PGconn *conn = PQconnectdb("");
    if (PQstatus(conn) != CONNECTION_OK) {
        fputs(PQerrorMessage(conn), stderr);
        return 1;
    }
    const char *values[] = {argv[1], argv[2]};
    PGresult *result = PQexecParams(conn,
                                    "INSERT INTO metric_history (metric_id, value, recorded_at) "
                                    "SELECT id, $2::numeric, clock_timestamp() AT TIME ZONE 'utc' FROM metrics "
                                    "WHERE metric_number = $1",
                                    2, NULL, values, NULL, NULL, 0);
    int failed = PQresultStatus(result) != PGRES_COMMAND_OK;
    if (failed) fputs(PQerrorMessage(conn), stderr);
    PQclear(result);
    PQfinish(conn);
    return failed;
}
