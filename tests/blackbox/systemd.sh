# Commands under a user manager of systemd of their own, in a mount namespace of their own: `systemd.sh FOLDER SCRIPT`.
# Exits with 77 where systemd can't be started that way.
folder=$1 script=$2
mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system || exit 77
export XDG_RUNTIME_DIR=$folder/run HOME=$folder/home
mkdir -p -m 700 "$XDG_RUNTIME_DIR" "$HOME"
timeout -k 2 100 /lib/systemd/systemd --user --log-target=console >"$folder/systemd.log" 2>&1 &
for _ in $(seq 100); do
  state=$(systemctl --user is-system-running 2>/dev/null)
  [ "$state" = running ] && break
  kill -0 $! 2>/dev/null || exit 77
  sleep 0.1
done
[ "$state" = running ] || exit 77
bash -eu -c "$script"
status=$?
systemctl --user exit
wait
exit $status
