-- One row per cell of the anonymized records.
SELECT
    industry,
    size_band,
    district,
    count(*) AS customers,
    CAST(sum(annual_volume_m3) AS DECIMAL(18, 3)) AS volume_m3
FROM records
GROUP BY industry, size_band, district
ORDER BY industry, size_band, district
