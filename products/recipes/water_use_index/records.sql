-- One row per area and month. Sums are of decimals, so that they do not depend on their order. A change on
-- nothing, or an index of nothing, is null.
WITH span AS (
    SELECT
        CASE
            WHEN $base_year NOT BETWEEN year(timezone($time_zone, min(observed_at)))
                AND year(timezone($time_zone, max(observed_at)))
            THEN error('base_year ' || $base_year || ' has no readings: they span '
                || year(timezone($time_zone, min(observed_at))) || ' to '
                || year(timezone($time_zone, max(observed_at))))
            ELSE date_trunc('month', timezone($time_zone, min(observed_at)))
        END AS first_month,
        date_trunc('month', timezone($time_zone, max(observed_at))) + INTERVAL 1 MONTH AS end_month
    FROM inflow
),
zone AS ( -- where the zone's hours begin: on those of UTC, or half an hour or so beside them
    SELECT timezone($time_zone, first_month) - date_trunc('hour', timezone($time_zone, first_month)) AS shift
    FROM span
),
readings AS (
    SELECT area, date_trunc('hour', observed_at - shift) + shift AS hour, inflow_l_per_s FROM inflow CROSS JOIN zone
),
flows AS ( -- an hour's flow: the mean of its readings, in litres per second
    SELECT area, hour, CAST(CAST(sum(inflow_l_per_s) AS DOUBLE) / count(inflow_l_per_s) AS DECIMAL(18, 6)) AS flow
    FROM readings
    WHERE inflow_l_per_s IS NOT NULL
    GROUP BY area, hour
),
calendar AS ( -- every hour of every month touched, by the clocks of the time zone
    SELECT
        hour,
        date_trunc('month', timezone($time_zone, hour)) AS month,
        hour(timezone($time_zone, hour)) AS hour_of_day
    FROM (
        SELECT unnest(generate_series(
            timezone($time_zone, first_month), timezone($time_zone, end_month) - INTERVAL 1 HOUR, INTERVAL 1 HOUR
        )) AS hour
        FROM span
    )
),
expected AS (
    SELECT month, hour_of_day, count(*) AS hours FROM calendar GROUP BY month, hour_of_day
),
observed AS (
    SELECT flows.area, calendar.month, calendar.hour_of_day, count(*) AS hours, sum(flows.flow) AS flow_sum
    FROM flows JOIN calendar USING (hour)
    GROUP BY flows.area, calendar.month, calendar.hour_of_day
),
profile AS ( -- the mean hour of day stands in for its missing hours; 3.6 turns l/s into m3 per hour
    SELECT
        areas.area, expected.month, expected.hours AS hours_expected,
        coalesce(observed.hours, 0) AS hours_observed,
        CAST(CAST(observed.flow_sum AS DOUBLE) / observed.hours * expected.hours * 3.6 AS DECIMAL(18, 3)) AS volume
    FROM expected
    CROSS JOIN (SELECT DISTINCT area FROM readings) AS areas
    LEFT JOIN observed USING (area, month, hour_of_day)
),
monthly AS (
    SELECT
        area, month, sum(hours_expected) AS hours_expected, sum(hours_observed) AS hours_observed,
        CASE
            WHEN count(volume) = count(*) AND sum(hours_observed) * 100 >= sum(hours_expected) * $coverage_pct
            THEN sum(volume)
        END AS volume
    FROM profile
    GROUP BY area, month
),
units AS (
    SELECT area, month, hours_expected, hours_observed, volume FROM monthly
    UNION ALL
    SELECT
        'ALL', month, sum(hours_expected), sum(hours_observed),
        CASE WHEN count(volume) = count(*) THEN sum(volume) END
    FROM monthly
    GROUP BY month
),
daily AS (
    SELECT
        area, month, hours_expected, hours_observed, volume,
        day(last_day(month)) AS days,
        CAST(volume AS DOUBLE) / day(last_day(month)) AS per_day
    FROM units
),
base AS (
    SELECT area, CAST(sum(volume) AS DOUBLE) / sum(days) AS per_day
    FROM daily
    WHERE year(month) = $base_year AND volume IS NOT NULL
    GROUP BY area
    HAVING count(*) >= $base_months
)
SELECT
    daily.area AS area,
    strftime(daily.month, '%Y-%m') AS month,
    CAST(daily.volume AS DECIMAL(18, 3)) AS volume_m3,
    CAST(daily.per_day AS DECIMAL(18, 3)) AS daily_volume_m3,
    CAST(100 * daily.per_day / nullif(base.per_day, 0) AS DECIMAL(12, 4)) AS index,
    CAST(100 * (daily.per_day / nullif(before.per_day, 0) - 1) AS DECIMAL(12, 4)) AS month_on_month_pct,
    CAST(100 * (daily.per_day / nullif(year_ago.per_day, 0) - 1) AS DECIMAL(12, 4)) AS year_on_year_pct,
    CAST(daily.hours_expected AS BIGINT) AS hours_expected,
    CAST(daily.hours_observed AS BIGINT) AS hours_observed,
    CAST(CASE WHEN daily.volume IS NULL THEN 0 ELSE daily.hours_expected - daily.hours_observed END AS BIGINT)
        AS hours_filled
FROM daily
LEFT JOIN base USING (area)
LEFT JOIN daily AS before ON before.area = daily.area AND before.month = daily.month - INTERVAL 1 MONTH
LEFT JOIN daily AS year_ago ON year_ago.area = daily.area AND year_ago.month = daily.month - INTERVAL 1 YEAR
ORDER BY area, month
