module dev.architekt/guest

go 1.19
