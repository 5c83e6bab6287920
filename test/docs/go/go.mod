module example.com/workload

go 1.26

require golang.org/x/oauth2 v0.34.0
