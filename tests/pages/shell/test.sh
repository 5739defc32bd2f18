sh main.sh | grep hello
