using k8s;
using k8s.Models;

namespace Actors.Architecture.Tests;

/// <summary>The manifests are what Kubernetes takes, and they fit each other and the programs: as far as that can be seen without a cluster.</summary>
public sealed class KubernetesTests
{
    private const string Folder = "deploy/kubernetes/";

    private static readonly IReadOnlyList<object> _all =
    [
        .. Tree.Files.Where(file => file.Path.StartsWith(Folder, StringComparison.Ordinal) && file.Path.EndsWith(".yaml", StringComparison.Ordinal)
                && !file.Path.EndsWith("kustomization.yaml", StringComparison.Ordinal))
            .SelectMany(file => KubernetesYaml.LoadAllFromString(file.Text, strict: true)),   // an unknown or misspelt field throws
    ];

    private static IEnumerable<V1Deployment> Deployments => _all.OfType<V1Deployment>();

    [Fact]
    public void A_misspelt_field_would_be_found() => Assert.ThrowsAny<Exception>(() => KubernetesYaml.LoadAllFromString(
        Tree.Read(Folder + "silo.yaml").Text.Replace("replicas:", "replica:", StringComparison.Ordinal), strict: true));

    [Fact]
    public void Everything_is_there_and_the_kustomization_names_every_file()
    {
        Assert.Equal(["api", "silo"], Deployments.Select(one => one.Metadata.Name).Order());
        Assert.Equal(["api", "silo"], _all.OfType<V1PodDisruptionBudget>().Select(one => one.Metadata.Name).Order());
        Assert.Equal("api", Assert.Single(_all.OfType<V1Service>()).Metadata.Name);
        Assert.Equal("api", Assert.Single(_all.OfType<V2HorizontalPodAutoscaler>()).Spec.ScaleTargetRef.Name);
        var kustomization = Tree.Read(Folder + "kustomization.yaml").Text;
        Assert.All(["silo.yaml", "api.yaml", "networkpolicy.yaml"], file => Assert.Contains(file, kustomization, StringComparison.Ordinal));
    }

    [Fact]
    public void Whatever_selects_pods_selects_some()
    {
        var labels = Deployments.Select(one => one.Spec.Template.Metadata.Labels).ToList();
        var selectors = Deployments.Select(one => one.Spec.Selector.MatchLabels)
            .Concat(_all.OfType<V1PodDisruptionBudget>().Select(one => one.Spec.Selector.MatchLabels))
            .Concat(_all.OfType<V1Service>().Select(one => one.Spec.Selector))
            .Concat(_all.OfType<V1NetworkPolicy>().Select(one => one.Spec.PodSelector.MatchLabels))
            .Concat(Deployments.SelectMany(one => one.Spec.Template.Spec.TopologySpreadConstraints).Select(one => one.LabelSelector.MatchLabels));
        Assert.All(selectors, selector => Assert.Contains(labels, pod => selector.All(pair => pod.Contains(pair))));
    }

    /// <summary>What becomes of pods by <c>scrape.yml</c> is tried by .ci/deploy; here that the pods are such.</summary>
    [Fact]
    public void Prometheus_finds_every_pod_under_the_job_that_alerts_ask_for()
    {
        Assert.Contains("job=~\"silo|api\"", Tree.Read("deploy/prometheus/alerts.yml").Text, StringComparison.Ordinal);
        var scrape = Tree.Read(Folder + "scrape.yml").Text;
        Assert.Contains("names: [actors]", scrape, StringComparison.Ordinal);
        Assert.Contains("namespace: actors", Tree.Read(Folder + "kustomization.yaml").Text, StringComparison.Ordinal);
        Assert.Equal(["api", "silo"], Deployments.Select(one => one.Spec.Template.Metadata.Labels["role"]).Order());
        Assert.All(Deployments, one => Assert.Equal("actors", one.Spec.Template.Metadata.Labels["app"]));
        Assert.All(Deployments, one => Assert.Single(one.Spec.Template.Spec.Containers.Single().Ports, port => port.Name == "http"));
    }

    [Fact]
    public void Every_setting_is_one_of_the_programs_and_no_secret_is_written_down()
    {
        var keys = DocsChecks.DocumentedKeys(Tree.Read("docs/operations.md")).Append("ConnectionStrings:Actors").ToHashSet();
        foreach (var setting in Deployments.SelectMany(one => one.Spec.Template.Spec.Containers).SelectMany(container => container.Env))
        {
            Assert.Contains(setting.Name.Replace("__", ":", StringComparison.Ordinal), keys);
            var isSecret = setting.Name is "ConnectionStrings__Actors" or "Auth__SigningKey";
            Assert.Equal(isSecret, setting.ValueFrom?.SecretKeyRef is not null);
        }
    }

    [Fact]
    public void Probes_ask_what_there_is_and_a_pod_has_the_time_to_drain()
    {
        foreach (var pod in Deployments.Select(one => one.Spec.Template.Spec))
        {
            var container = Assert.Single(pod.Containers);
            Assert.Equal("/health/live", container.LivenessProbe.HttpGet.Path);
            Assert.Equal("/health/live", container.StartupProbe.HttpGet.Path);
            Assert.Equal("/health/ready", container.ReadinessProbe.HttpGet.Path);
            Assert.True(pod.TerminationGracePeriodSeconds >= 45, "it drains for up to 30 s behind its wait");
            Assert.True(container.SecurityContext is { ReadOnlyRootFilesystem: true, AllowPrivilegeEscalation: false });
            var written = container.VolumeMounts.Select(mount => mount.Name).Order();
            Assert.Equal(pod.Volumes.Select(volume => volume.Name).Order(), written);
        }
    }

    [Fact]
    public void A_silo_that_changes_the_schema_has_half_an_hour_for_it()
    {
        var silo = Deployments.Single(one => one.Metadata.Name == "silo").Spec;
        var probe = Assert.Single(silo.Template.Spec.Containers).StartupProbe;
        Assert.True(probe.PeriodSeconds * probe.FailureThreshold >= 1800);
        Assert.True(silo.ProgressDeadlineSeconds > probe.PeriodSeconds * probe.FailureThreshold);
    }

    [Fact]
    public void The_ports_between_nodes_are_closed_to_others()
    {
        var silo = Deployments.Single(one => one.Metadata.Name == "silo").Spec.Template.Spec.Containers.Single();
        var between = silo.Ports.Where(port => port.Name != "http").Select(port => $"{port.ContainerPort}").ToHashSet();
        var rules = Assert.Single(_all.OfType<V1NetworkPolicy>()).Spec.Ingress;
        Assert.Equal(2, between.Count);
        Assert.All(rules, rule => Assert.True(
            rule.FromProperty is [{ PodSelector: not null }] || rule.Ports.All(port => !between.Contains(port.Port.ToString())), "open to everybody"));
    }
}
