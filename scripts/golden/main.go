// Writes golden vectors of the Kubernetes API: objects filled field by field, as JSON and as protobuf, by the upstream types.
// Not part of the build: copy it into a module that requires k8s.io/api, apiextensions-apiserver, client-go, kube-aggregator
// and metrics of the API level, and write its output to test/unit/api/vectors/messages.jsonl.
// One JSON document a line: {"gvk": "group/version/Kind", "json": …, "proto": base64 of the message without envelope}.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"reflect"
	"sort"
	"strings"
	"time"

	admission "k8s.io/api/admission/v1"
	discovery "k8s.io/api/apidiscovery/v2"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	metrics "k8s.io/metrics/pkg/apis/metrics/v1beta1"
)

type marshaler interface{ Marshal() ([]byte, error) }

// filler fills values: a struct type in full when it is met first, sparsely after that.
type filler struct {
	random *rand.Rand
	seen   map[reflect.Type]bool
	count  int
}

func (f *filler) text(path string) string {
	f.count++
	return fmt.Sprintf("%s-%d", path, f.count)
}

func (f *filler) special(v reflect.Value) bool {
	f.count++
	switch p := v.Addr().Interface().(type) {
	case *meta.Time:
		*p = meta.NewTime(time.Unix(1700000000+int64(f.count), 0).UTC())
	case *meta.MicroTime:
		*p = meta.NewMicroTime(time.Unix(1700000000, int64(f.count)*1000).UTC())
	case *meta.Duration:
		p.Duration = time.Duration(f.count)*time.Second + 5*time.Millisecond
	case *resource.Quantity:
		*p = resource.MustParse([]string{"100m", "2Gi", "3", "1500M", "1e3"}[f.count%5])
	case *intstr.IntOrString:
		if f.count%2 == 0 {
			*p = intstr.FromInt32(int32(f.count))
		} else {
			*p = intstr.FromString("25%")
		}
	case *runtime.RawExtension:
		p.Raw = []byte(`{"apiVersion":"v1","kind":"Thing","data":{"a":[1,"x",null,true]}}`)
	case *meta.FieldsV1:
		p.SetRawBytes([]byte(`{"f:metadata":{"f:labels":{".":{},"f:app":{}}}}`))
	case *apiextensions.JSON:
		p.Raw = []byte([]string{`"text"`, `7`, `{"a":[1,2.5]}`, `[true,null]`}[f.count%4])
	case *apiextensions.JSONSchemaPropsOrArray:
		if f.count%2 == 0 {
			p.Schema = &apiextensions.JSONSchemaProps{Type: "string"}
		} else {
			p.JSONSchemas = []apiextensions.JSONSchemaProps{{Type: "string"}, {Type: "object"}}
		}
	case *apiextensions.JSONSchemaPropsOrBool:
		p.Allows = true
		if f.count%2 == 0 {
			p.Schema = &apiextensions.JSONSchemaProps{Type: "integer"}
		}
	case *apiextensions.JSONSchemaPropsOrStringArray:
		if f.count%2 == 0 {
			p.Schema = &apiextensions.JSONSchemaProps{Type: "integer"}
		} else {
			p.Property = []string{"a", "b"}
		}
	default:
		f.count--
		return false
	}
	return true
}

func (f *filler) fill(v reflect.Value, path string, depth int) {
	if v.CanAddr() && f.special(v) {
		return
	}
	switch v.Kind() {
	case reflect.Ptr:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), path, depth)
	case reflect.Struct:
		f.fillStruct(v, depth)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte{0, 255, byte(f.count), 7})
			return
		}
		n := 1 + f.random.Intn(2)
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := 0; i < n; i++ {
			f.fill(v.Index(i), path, depth)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for i := 0; i < 2; i++ {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			key.SetString(f.text(path))
			f.fill(value, path, depth)
			v.SetMapIndex(key, value)
		}
	case reflect.String:
		v.SetString(f.text(path))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64, reflect.Int:
		f.count++
		v.SetInt([]int64{int64(f.count), -int64(f.count), 1 << 30}[f.random.Intn(3)])
	case reflect.Float64, reflect.Float32:
		v.SetFloat(1.5)
	default:
		panic("kind " + v.Kind().String() + " at " + path)
	}
}

func (f *filler) fillStruct(v reflect.Value, depth int) {
	t := v.Type()
	first := !f.seen[t]
	f.seen[t] = true
	for i := 0; i < t.NumField(); i++ {
		field := t.Field(i)
		if field.Name == "TypeMeta" || field.Tag.Get("protobuf") == "-" || !field.IsExported() {
			continue
		}
		optional := field.Type.Kind() != reflect.Struct || !first
		if optional && (depth > 14 || (!first && (depth > 7 || f.random.Intn(100) >= 12))) {
			continue
		}
		f.fill(v.Field(i), strings.ToLower(field.Name[:1])+field.Name[1:], depth+1)
	}
}

var groups = map[string]string{
	"": "v1", "admission.k8s.io": "v1", "admissionregistration.k8s.io": "v1", "apidiscovery.k8s.io": "v2", "apps": "v1", "authentication.k8s.io": "v1",
	"authorization.k8s.io": "v1", "autoscaling": "v1 v2", "batch": "v1", "certificates.k8s.io": "v1", "coordination.k8s.io": "v1",
	"discovery.k8s.io": "v1", "events.k8s.io": "v1", "flowcontrol.apiserver.k8s.io": "v1", "networking.k8s.io": "v1", "node.k8s.io": "v1",
	"policy": "v1", "rbac.authorization.k8s.io": "v1", "resource.k8s.io": "v1", "scheduling.k8s.io": "v1", "storage.k8s.io": "v1",
	"apiextensions.k8s.io": "v1", "apiregistration.k8s.io": "v1", "metrics.k8s.io": "v1beta1",
}

func main() {
	all := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{scheme.AddToScheme, apiextensions.AddToScheme, apiregistration.AddToScheme, metrics.AddToScheme, discovery.AddToScheme, admission.AddToScheme} {
		if err := add(all); err != nil {
			panic(err)
		}
	}
	var kinds []schema.GroupVersionKind
	for gvk, t := range all.AllKnownTypes() {
		served := strings.Contains(" "+groups[gvk.Group]+" ", " "+gvk.Version+" ")
		if !served || gvk.Kind == "WatchEvent" || (strings.HasSuffix(gvk.Kind, "Options") && gvk.Group != "") || gvk.Kind == "SerializedReference" || gvk.Kind == "RangeAllocation" {
			continue
		}
		if t.PkgPath() == "k8s.io/apimachinery/pkg/apis/meta/v1" && gvk.Group != "" {
			continue
		}
		kinds = append(kinds, gvk)
	}
	sort.Slice(kinds, func(i, j int) bool { return kinds[i].String() < kinds[j].String() })
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	f := &filler{random: rand.New(rand.NewSource(1)), seen: map[reflect.Type]bool{}}
	for _, gvk := range kinds {
		write(out, all, gvk, nil)
		write(out, all, gvk, f)
	}
}

func write(out *bufio.Writer, all *runtime.Scheme, gvk schema.GroupVersionKind, f *filler) {
	object, err := all.New(gvk)
	if err != nil {
		panic(err)
	}
	if f != nil {
		f.fill(reflect.ValueOf(object).Elem(), "", 0)
	}
	m, ok := object.(marshaler)
	if !ok {
		return
	}
	object.GetObjectKind().SetGroupVersionKind(gvk)
	proto, err := m.Marshal()
	if err != nil {
		panic(err)
	}
	text, err := json.Marshal(object)
	if err != nil {
		panic(err)
	}
	line, err := json.Marshal(map[string]any{
		"gvk": gvk.Group + "/" + gvk.Version + "/" + gvk.Kind, "json": json.RawMessage(text), "proto": base64.StdEncoding.EncodeToString(proto),
	})
	if err != nil {
		panic(err)
	}
	out.Write(append(line, '\n'))
}
