SELECT max(upto) AS upto, count() AS refreshes FROM refreshes
