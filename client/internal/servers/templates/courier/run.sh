# Runs as the first process of a process namespace and in a mount namespace of its own: when it is killed, the kernel ends
# the others and forgets the mounts. It puts a root file system together out of the unpacked packages, the machine's
# libraries and the files that were written for this server, and runs the daemons in it.
set -eu
mount --make-rprivate /
cd "{{.Dir}}/root"
mount --bind "{{.Prefix}}/usr" usr
[ ! -d "{{.Prefix}}/lib" ] || mount --bind "{{.Prefix}}/lib" unpacked
mount --bind /lib lib
[ ! -d /lib64 ] || mount --bind /lib64 lib64
mount --rbind /dev dev

set -a
. ./etc/courier/authdaemonrc
. "{{.Dir}}/environment"
set +a
chroot . /usr/lib/courier/courier-authlib/authdaemond &
listen() {
	exec chroot . /usr/sbin/couriertcpd -address=127.0.0.1 -maxprocs=200 -maxperip=200 -nodnslookup -noidentlookup "$@"
}
(export IMAP_STARTTLS=YES; listen {{.Port}} /usr/lib/courier/courier/imaplogin /usr/bin/imapd Maildir) &
(export IMAP_TLS=1; listen {{.TLSPort}} /usr/bin/couriertls -server -tcpd /usr/lib/courier/courier/imaplogin /usr/bin/imapd Maildir) &
wait
