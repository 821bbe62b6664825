"""More people than fit one table: runs in parts that can be continued, Spark, Dask, databases.

Everything here ends in `screening.Screener.screen_many`; no definition stands in this part.
"""
