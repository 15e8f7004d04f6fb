package servers

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// certLifetime is long enough for a server that somebody keeps running by hand, and short enough to be worthless later.
const certLifetime = 7 * 24 * time.Hour

// certFiles names what writeCerts has written.
type certFiles struct {
	CA   string // the authority, for clients
	Cert string // the server's certificate
	Key  string // its private key
	Both string // key and certificate in one file, as Courier wants them
	pool *x509.CertPool
	user tls.Certificate // of a client
}

// writeCerts makes an authority, a certificate of it for localhost and 127.0.0.1, and one for a user, and writes the first two into dir.
// The authority's key is thrown away.
func writeCerts(dir, user string) (*certFiles, error) {
	now := time.Now()
	ca := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "Parley test authority"},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(certLifetime),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2),
		Subject:      pkix.Name{CommonName: "localhost"},
		NotBefore:    ca.NotBefore,
		NotAfter:     ca.NotAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:     []string{"localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}

	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making the authority's key: %w", err)
	}
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making the server's key: %w", err)
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	if err != nil {
		return nil, fmt.Errorf("signing the authority: %w", err)
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, ca, leafKey.Public(), caKey)
	if err != nil {
		return nil, fmt.Errorf("signing the server's certificate: %w", err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(leafKey)
	if err != nil {
		return nil, fmt.Errorf("encoding the server's key: %w", err)
	}

	client := &x509.Certificate{
		SerialNumber: big.NewInt(3),
		Subject:      pkix.Name{CommonName: user},
		NotBefore:    ca.NotBefore,
		NotAfter:     ca.NotAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	clientKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making the user's key: %w", err)
	}
	clientDER, err := x509.CreateCertificate(rand.Reader, client, ca, clientKey.Public(), caKey)
	if err != nil {
		return nil, fmt.Errorf("signing the user's certificate: %w", err)
	}

	caPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER})
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leafDER})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
	f := &certFiles{
		CA:   filepath.Join(dir, "ca.pem"),
		Cert: filepath.Join(dir, "cert.pem"),
		Key:  filepath.Join(dir, "key.pem"),
		Both: filepath.Join(dir, "both.pem"),
		pool: x509.NewCertPool(),
		user: tls.Certificate{Certificate: [][]byte{clientDER}, PrivateKey: clientKey},
	}
	f.pool.AppendCertsFromPEM(caPEM)
	for name, octets := range map[string][]byte{
		f.CA: caPEM, f.Cert: certPEM, f.Key: keyPEM, f.Both: append(keyPEM, certPEM...),
	} {
		// The daemons read them under accounts of their own: the key is as public as the passwords of these accounts.
		if err := os.WriteFile(name, octets, 0o644); err != nil {
			return nil, fmt.Errorf("writing a certificate: %w", err)
		}
	}
	return f, nil
}
