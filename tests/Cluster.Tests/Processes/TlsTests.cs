using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Actors.Tests;

namespace Actors.Cluster.Tests.Processes;

/// <summary>A cluster whose members show each other certificates: it works, and nobody else gets a word in.</summary>
[Collection(LocalCluster.OneAtATime)]
public sealed class TlsTests
{
    [Fact]
    public async Task Members_with_a_certificate_of_the_authority_talk_to_each_other_and_to_nobody_else()
    {
        var folder = TestNode.NewDataDirectory();
        Directory.CreateDirectory(folder);
        using var authority = Authority("the cluster's own");
        using var member = Member(authority, "a member");
        using var stranger = Authority("somebody else's");
        using var outsider = Member(stranger, "a member");
        string Write(string name, string pem)
        {
            var path = Path.Combine(folder, name);
            File.WriteAllText(path, pem);
            return path;
        }

        using var key = member.GetECDsaPrivateKey()!;
        await using var cluster = await LocalCluster.StartAsync(
            "--Policy:Templates:AutoApprove", "true",
            "--Cluster:Tls:Certificate", Write("member.pem", member.ExportCertificatePem()),
            "--Cluster:Tls:Key", Write("member.key", key.ExportPkcs8PrivateKeyPem()),
            "--Cluster:Tls:Authority", Write("authority.pem", authority.ExportCertificatePem()));

        // Users live on all three silos, and are reached through both API nodes.
        var business = await cluster.Platform.RegisterAsync("Corner Shop");
        await cluster.Platform.CreateTemplateAsync(business, "receipt", "UTILITY", "Your order is paid.");
        var users = Enumerable.Range(0, 30).Select(index => 34600500000L + index).ToArray();
        await cluster.Platform.OptInAsync(business, users, TimeProvider.System.GetUtcNow());
        foreach (var user in users)
        {
            Assert.Equal(200, (await cluster.Platform.SendAsync(business, TestPlatform.Template(user, "receipt"), $"to-{user}")).Status);
        }

        // The silos' own ports and their gateways.
        var first = cluster.ApiAddress(1).Port - 1;
        foreach (var port in new[] { first + 6_001, first + 6_002, first + 6_101, first + 6_103 })
        {
            Assert.True(await IsLetInAsync(port, member), $"{port}");
            Assert.False(await IsLetInAsync(port, certificate: null), $"{port}");
            Assert.False(await IsLetInAsync(port, outsider), $"{port}");
            Assert.False(await IsLetInPlainlyAsync(port), $"{port}");
        }
    }

    private static async Task<bool> IsLetInAsync(int port, X509Certificate2? certificate)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, port);

        // Whom one speaks to is the silos' matter here, and nothing is sent.
#pragma warning disable CA5359
        await using var tls = new SslStream(connection.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
#pragma warning restore CA5359
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "actors",
                ClientCertificates = certificate is null ? null : [certificate],
                LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate!,
            });
            return await StaysOpenAsync(tls);
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException)
        {
            return false;
        }
    }

    private static async Task<bool> IsLetInPlainlyAsync(int port)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, port);
        try
        {
            await connection.GetStream().WriteAsync(new byte[64]);
            return await StaysOpenAsync(connection.GetStream());
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Whether the other side says something, or waits for more, rather than hang up.</summary>
    private static async Task<bool> StaysOpenAsync(Stream stream)
    {
        var reading = stream.ReadAsync(new byte[1]).AsTask();
        return await Task.WhenAny(reading, Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System)) != reading || await reading > 0;
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private static X509Certificate2 Member(X509Certificate2 authority, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var signed = request.Create(authority, now.AddHours(-1), now.AddHours(1), RandomNumberGenerator.GetBytes(8));
        using var whole = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pfx), null, X509KeyStorageFlags.Exportable);
    }
}
