-- One row per active customer; the bands are those of the code list size-band.
SELECT
    customer_no,
    customer_name,
    substr(industry_code, 1, 2) AS industry,
    CASE
        WHEN annual_volume_m3 < 200 THEN '0-200'
        WHEN annual_volume_m3 < 1000 THEN '200-1000'
        WHEN annual_volume_m3 < 5000 THEN '1000-5000'
        WHEN annual_volume_m3 < 20000 THEN '5000-20000'
        WHEN annual_volume_m3 < 50000 THEN '20000-50000'
        WHEN annual_volume_m3 < 200000 THEN '50000-200000'
        WHEN annual_volume_m3 >= 200000 THEN '200000-'
    END AS size_band,
    district_code AS district,
    annual_volume_m3
FROM customers
WHERE substr(status, 1, 1) = '2'
ORDER BY customer_no
