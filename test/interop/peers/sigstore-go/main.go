// sigstore-go-interop signs and verifies with the sigstore-go library, as anybody's program would that uses it.
//
//	sigstore-go-interop sign   --trusted-root F --signing-config F --token-file F --bundle OUT [--statement] FILE
//	sigstore-go-interop verify --trusted-root F --identity SUBJECT --issuer URL --bundle B FILE
//
// --statement signs FILE, an in-toto statement, in a DSSE envelope. Exit status: 0 yes, 1 no, 2 usage.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/sign"
	"github.com/sigstore/sigstore-go/pkg/verify"
	"google.golang.org/protobuf/encoding/protojson"
)

var (
	flags         = flag.NewFlagSet("sigstore-go-interop", flag.ExitOnError)
	trustedRoot   = flags.String("trusted-root", "", "trusted_root.json")
	signingConfig = flags.String("signing-config", "", "signing_config.json")
	tokenFile     = flags.String("token-file", "", "file with an OpenID identity token")
	bundlePath    = flags.String("bundle", "", "bundle to write or read")
	statement     = flags.Bool("statement", false, "the file is an in-toto statement")
	identity      = flags.String("identity", "", "expected subject alternative name")
	issuer        = flags.String("issuer", "", "expected OpenID issuer")
)

func main() {
	actions := map[string]func(root.TrustedMaterial, []byte) error{"sign": signData, "verify": verifyData}
	if len(os.Args) < 2 || actions[os.Args[1]] == nil {
		usage()
	}
	_ = flags.Parse(os.Args[2:])
	if flags.NArg() != 1 {
		usage()
	}
	if err := act(actions[os.Args[1]]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func usage() {
	fmt.Fprintln(os.Stderr, "usage: sigstore-go-interop sign|verify FLAGS FILE")
	os.Exit(2)
}

func act(action func(root.TrustedMaterial, []byte) error) error {
	data, err := os.ReadFile(flags.Arg(0))
	if err != nil {
		return err
	}
	trusted, err := root.NewTrustedRootFromPath(*trustedRoot)
	if err != nil {
		return err
	}
	return action(trusted, data)
}

func signData(trusted root.TrustedMaterial, data []byte) error {
	token, err := os.ReadFile(*tokenFile)
	if err != nil {
		return err
	}
	options, err := services(strings.TrimSpace(string(token)))
	if err != nil {
		return err
	}
	options.TrustedRoot = trusted
	keypair, err := sign.NewEphemeralKeypair(nil)
	if err != nil {
		return err
	}
	signed, err := sign.Bundle(content(data), keypair, *options)
	if err != nil {
		return err
	}
	text, err := protojson.Marshal(signed)
	if err != nil {
		return err
	}
	return os.WriteFile(*bundlePath, text, 0o600)
}

func content(data []byte) sign.Content {
	if *statement {
		return &sign.DSSEData{Data: data, PayloadType: "application/vnd.in-toto+json"}
	}
	return &sign.PlainData{Data: data}
}

// services chooses the certificate authority, timestamp authorities and logs that the signing configuration names.
func services(token string) (*sign.BundleOptions, error) {
	config, err := root.NewSigningConfigFromPath(*signingConfig)
	if err != nil {
		return nil, err
	}
	now, options := time.Now(), &sign.BundleOptions{}
	authority, err := root.SelectService(config.FulcioCertificateAuthorityURLs(), sign.FulcioAPIVersions, now)
	if err != nil {
		return nil, err
	}
	options.CertificateProvider = sign.NewFulcio(&sign.FulcioOptions{BaseURL: authority.URL})
	options.CertificateProviderOptions = &sign.CertificateProviderOptions{IDToken: token}

	timestamps, err := root.SelectServices(config.TimestampAuthorityURLs(), config.TimestampAuthorityURLsConfig(),
		sign.TimestampAuthorityAPIVersions, now)
	if err != nil {
		return nil, err
	}
	for _, service := range timestamps {
		options.TimestampAuthorities = append(options.TimestampAuthorities,
			sign.NewTimestampAuthority(&sign.TimestampAuthorityOptions{URL: service.URL}))
	}
	logs, err := root.SelectServices(config.RekorLogURLs(), config.RekorLogURLsConfig(), sign.RekorAPIVersions, now)
	if err != nil {
		return nil, err
	}
	for _, service := range logs {
		options.TransparencyLogs = append(options.TransparencyLogs,
			sign.NewRekor(&sign.RekorOptions{BaseURL: service.URL, Version: service.MajorAPIVersion}))
	}
	return options, nil
}

func verifyData(trusted root.TrustedMaterial, data []byte) error {
	signed, err := bundle.LoadJSONFromPath(*bundlePath)
	if err != nil {
		return err
	}
	expected, err := verify.NewShortCertificateIdentity(*issuer, "", *identity, "")
	if err != nil {
		return err
	}
	verifier, err := verify.NewVerifier(trusted, verify.WithSignedCertificateTimestamps(1),
		verify.WithTransparencyLog(1), verify.WithObserverTimestamps(1))
	if err != nil {
		return err
	}
	result, err := verifier.Verify(signed,
		verify.NewPolicy(verify.WithArtifact(bytes.NewReader(data)), verify.WithCertificateIdentity(expected)))
	if err == nil && result == nil {
		return errors.New("no result and no error")
	}
	return err
}
