echo hello @TOKEN@
