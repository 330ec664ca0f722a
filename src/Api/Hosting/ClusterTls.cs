using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orleans.Connections.Security;

namespace Actors.Api.Hosting;

/// <summary>Mutual TLS between the members of a cluster: each shows a certificate of the cluster's own authority, and talks to nobody without one.</summary>
/// <remarks>
/// Names in the certificates don't matter: silos know each other by address, and addresses change. Who has a certificate of the authority is a member.
/// </remarks>
public sealed class ClusterTls
{
    private readonly X509Certificate2 _certificate;
    private readonly X509Certificate2Collection _authority;

    private ClusterTls(X509Certificate2 certificate, X509Certificate2Collection authority) => (_certificate, _authority) = (certificate, authority);

    /// <summary>Reads <c>Cluster:Tls</c>: PEM files of the certificate, its key, and the authority. Null where none is given.</summary>
    /// <exception cref="ConfigurationException">One is missing, or can't be read.</exception>
    public static ClusterTls? Read(IConfiguration configuration)
    {
        var files = (Certificate: configuration.Text("Cluster:Tls:Certificate"), Key: configuration.Text("Cluster:Tls:Key"),
            Authority: configuration.Text("Cluster:Tls:Authority"));
        switch (files)
        {
            case (null, null, null):
                return null;
            case ({ } certificate, { } key, { } authority):
                try
                {
                    using var pem = X509Certificate2.CreateFromPemFile(certificate, key);
                    var trusted = new X509Certificate2Collection();
                    trusted.ImportFromPemFile(authority);
                    return new ClusterTls(X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pfx), null), trusted);
                }
                catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
                {
                    throw new ConfigurationException(
                        $"Cluster:Tls can't be read ({error.Message}); write the paths of PEM files: Certificate, its Key, and the Authority that signed it.");
                }

            default:
                throw new ConfigurationException("Cluster:Tls needs all of Certificate, Key and Authority: write the paths of three PEM files, or none.");
        }
    }

    /// <summary>What Orleans needs for it.</summary>
    public void Configure(TlsOptions options)
    {
        options.LocalCertificate = _certificate;
        options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.RemoteCertificateValidation = (certificate, _, _) => IsMember(certificate);
        options.OnAuthenticateAsClient = (_, authentication) => authentication.TargetHost = ClusterSettings.ServiceId;
    }

    private bool IsMember(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }
}
